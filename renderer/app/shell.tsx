import { useEffect, useState } from 'react';
import type { Patient, Person } from '../../shared/domain/account.ts';
import { assertNever } from '../../shared/assert-never.ts';
import { useClient } from '../client/client-context.tsx';
import { AddScreen } from '../features/add/add-screen.tsx';
import { BatchKeeper } from '../features/add/batch-keeper.ts';
import { ConnectionScreen } from '../features/connection/connection-screen.tsx';
import { PatientPicker } from '../features/patients/patient-picker.tsx';
import { QueueScreen } from '../features/queue/queue-screen.tsx';
import type { SettingsSection } from '../features/settings/sections.ts';
import { SettingsScreen } from '../features/settings/settings-screen.tsx';
import { SupportScreen } from '../features/support/support-screen.tsx';
import { useWording } from '../texts/texts-context.tsx';
import { Banners } from './banners.tsx';
import { Header } from './header.tsx';
import type { ScreenName } from './screens.ts';
import styles from './shell.module.css';
import { Sidebar } from './sidebar.tsx';
import { useActivity } from './use-activity.ts';
import { useOpenRequests } from './use-open-requests.ts';

/** The frame of a signed-in window. Made anew for another person and after each locking, so that nothing of one is shown to the next. */
export function Shell({ person }: { person: Person }) {
  const { t } = useWording();
  const client = useClient();
  const [keeper] = useState(() => new BatchKeeper(client));
  const [shown, setShown] = useState<ScreenName>('add');
  const [patient, setPatient] = useState<Patient>();
  const [section, setSection] = useState<SettingsSection>('appearance');
  useEffect(() => () => keeper.close(), [keeper]);
  useActivity();
  useOpenRequests(setShown, setPatient);
  const title = { add: t.add.title, queue: t.queue.title, connection: t.connection.title, support: t.support.title, settings: t.settings.title }[shown];
  return (
    <div className={styles.shell}>
      <Sidebar shown={shown} person={person} onShow={setShown} />
      <div className={styles.body}>
        <Header title={title} onQueue={() => setShown('queue')} onConnection={() => setShown('connection')} />
        <Banners
          onNetworkSettings={shown === 'settings' && section === 'network' ? undefined : () => {
            setSection('network');
            setShown('settings');
          }}
        />
        <main className={styles.main}>{screen()}</main>
      </div>
    </div>
  );

  function screen() {
    switch (shown) {
      case 'add':
        return <AddScreen keeper={keeper} patient={patient} picker={<PatientPicker chosen={patient} onChoose={setPatient} />} onQueue={() => setShown('queue')} />;
      case 'queue':
        return <QueueScreen onAdd={() => setShown('add')} onConnection={() => setShown('connection')} />;
      case 'connection':
        return <ConnectionScreen />;
      case 'support':
        return <SupportScreen />;
      case 'settings':
        return <SettingsScreen section={section} onSection={setSection} />;
      default:
        return assertNever(shown);
    }
  }
}
