import { Button, SegmentedControl, Slider, TextInput } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { Settings } from '../../../shared/domain/settings.ts';
import type { Status } from '../../../shared/engine-contract.ts';
import { CallError } from '../../../shared/rpc/call-error.ts';
import { callErrorText } from '../../../shared/texts/call-errors.ts';
import { useAccount, useClient } from '../../client/client-context.tsx';
import { toGatewayAddress } from '../../client/gateway-address.ts';
import { useStore } from '../../client/store.ts';
import { useSettings } from '../../client/use-settings.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import styles from './settings-screen.module.css';

export function SettingsScreen() {
  const { t } = useWording();
  const { settings, change } = useSettings();
  // A refused change has already stepped back on the screen.
  const set = (part: Partial<Settings>): void => { void change(part).catch(() => undefined); };
  return (
    <div className={styles.screen}>
      <Section title={t.settings.appearance}>
        <Row label={t.common.language}>
          <SegmentedControl
            aria-label={t.common.language}
            value={settings.language}
            onChange={(value) => set({ language: value as Settings['language'] })}
            data={(['es', 'en'] as const).map((value) => ({ value, label: t.languages[value] }))}
          />
        </Row>
        <Row label={t.common.theme}>
          <SegmentedControl
            aria-label={t.common.theme}
            value={settings.theme}
            onChange={(value) => set({ theme: value as Settings['theme'] })}
            data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t.themes[value] }))}
          />
        </Row>
      </Section>
      <Section title={t.settings.sending}>
        <Row label={t.settings.concurrency} text={t.settings.concurrencyText}>
          <Concurrency value={settings.concurrency} onChange={(concurrency) => set({ concurrency })} />
        </Row>
      </Section>
      <Section title={t.settings.server}>
        <Gateway key={settings.gateway} present={settings.gateway ?? ''} onSave={(gateway) => change({ gateway })} />
      </Section>
      <About />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <h2 className={panel.heading}>{title}</h2>
      <div className={`${panel.panel} ${styles.rows}`}>{children}</div>
    </section>
  );
}

function Row({ label, text, children }: { label: string; text?: string; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <p className={styles.label}>{label}</p>
        {text ? <p className={styles.text}>{text}</p> : null}
      </div>
      <div className={styles.control}>{children}</div>
    </div>
  );
}

function Concurrency({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const { t } = useWording();
  const [dragged, setDragged] = useState<number>();
  const shown = dragged ?? value;
  return (
    <div className={styles.slider}>
      <Slider min={1} max={16} value={shown} onChange={setDragged} onChangeEnd={end} label={null} thumbLabel={t.settings.concurrency} />
      <output className="numbers">{shown}</output>
    </div>
  );

  function end(chosen: number): void {
    onChange(chosen);
    setDragged(undefined);
  }
}

function Gateway({ present, onSave }: { present: string; onSave: (gateway: string) => Promise<void> }) {
  const { t, language } = useWording();
  const [typed, setTyped] = useState(present);
  const [error, setError] = useState<string>();
  const address = toGatewayAddress(typed);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!address) {
      setError(t.signIn.serverInvalid);
      return;
    }
    try {
      await onSave(address);
    } catch (failure) {
      setError(callErrorText(language, failure instanceof CallError ? failure.code : 'internal').what);
    }
  }

  return (
    <form className={styles.gateway} onSubmit={(event) => void submit(event)} noValidate>
      <TextInput
        className={styles.address}
        label={t.signIn.serverAddress}
        description={t.settings.serverText}
        inputMode="url"
        spellCheck={false}
        autoComplete="off"
        value={typed}
        error={error}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setError(undefined);
        }}
      />
      {address === present && present !== ''
        ? <span className={styles.saved}><IconCheck size={16} aria-hidden />{t.settings.saved}</span>
        : <Button type="submit">{t.settings.save}</Button>}
    </form>
  );
}

function About() {
  const wording = useWording();
  const { t } = wording;
  const client = useClient();
  const info = useStore(client.appInfo);
  const account = useAccount();
  const [keySource, setKeySource] = useState<Status['keySource']>();
  useEffect(() => {
    client.call.getStatus().then((status) => setKeySource(status.keySource), () => undefined);
  }, [client]);
  const limits = account && account.name !== 'signedOut' ? account.limits : undefined;
  return (
    <Section title={t.settings.about}>
      <Row label={t.settings.version}>
        <span className="numbers selectable">{info?.version}{info?.developmentRuntime ? ` · ${t.settings.developmentRuntime}` : ''}</span>
      </Row>
      {limits ? (
        <Row label={t.settings.limits}>
          <span className="numbers">{t.add.limits(limits.acceptedTypes.map((type) => type.replace('image/', '').toUpperCase()).join(', '), wording.bytes(limits.maxFileBytes))}</span>
        </Row>
      ) : null}
      {keySource ? <Row label={t.settings.keySource}><span>{t.settings.keySources[keySource]}</span></Row> : null}
    </Section>
  );
}
