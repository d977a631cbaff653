import { Button } from '@mantine/core';
import { IconActivityHeartbeat, IconAlertTriangle, IconStethoscope } from '@tabler/icons-react';
import { checkNow } from '../../client/connection-check.ts';
import { useClient, useNow } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Notice } from '../../ui/notice.tsx';
import panel from '../../ui/panel.module.css';
import { ChangesCard } from './changes-card.tsx';
import styles from './connection-screen.module.css';
import { DiagnosisBanner } from './diagnosis-banner.tsx';
import { EvidenceCard } from './evidence-card.tsx';
import { LatencyCard } from './latency-card.tsx';
import { PathCard } from './path-card.tsx';
import { StepsCard } from './steps-card.tsx';

/** What is wrong, where, and what to do now; then what it rests on, from plain to technical. */
export function ConnectionScreen() {
  const { t } = useWording();
  const client = useClient();
  const snapshot = useStore(client.connection);
  const check = useStore(client.check);
  const now = useNow(5_000);
  const failed = check.name === 'failed'
    ? <Notice role="alert" tone="attention" icon={IconAlertTriangle} title={t.connection.checkFailed} text={t.connection.checkFailedText} />
    : null;
  if (!snapshot || (!snapshot.diagnosis && check.name !== 'running')) {
    return (
      <div className={styles.screen}>
        {failed}
        <div className={`${panel.panel} ${styles.empty}`}>
          <EmptyState
            icon={IconActivityHeartbeat}
            title={t.connection.notYetTitle}
            text={t.connection.notYetText}
            action={<Button leftSection={<IconStethoscope size={17} />} loading={check.name === 'running'} onClick={() => void checkNow(client)}>{t.connection.check}</Button>}
          />
        </div>
      </div>
    );
  }
  return (
    <div className={styles.screen}>
      {failed}
      <DiagnosisBanner snapshot={snapshot} check={check} now={now} onCheck={() => void checkNow(client)} />
      <PathCard path={snapshot.path} severity={snapshot.diagnosis?.severity} />
      <section aria-label={t.connection.latency} className={styles.section}>
        <h2 className={panel.heading}>{t.connection.latency}</h2>
        <div className={styles.targets}>
          {snapshot.latency.map((series) => <LatencyCard key={series.target} series={series} now={now} />)}
        </div>
      </section>
      <div className={styles.columns}>
        <StepsCard check={check} lastProbes={snapshot.lastProbes} />
        <ChangesCard changes={snapshot.changes} now={now} />
      </div>
      <EvidenceCard probes={check.name === 'running' ? check.results : snapshot.lastProbes} />
    </div>
  );
}
