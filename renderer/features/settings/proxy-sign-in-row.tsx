import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { CallError, type CallErrorCode } from '../../../shared/rpc/call-error.ts';
import { callErrorText } from '../../../shared/texts/call-errors.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Notice } from '../../ui/notice.tsx';
import styles from './network-section.module.css';
import { SettingRow } from './setting-row.tsx';

/** The password goes one way only: it is entered and forgotten, never shown. */
export function ProxySignInRow() {
  const { t, language } = useWording();
  const client = useClient();
  const network = useStore(client.network);
  const asks = network?.proxyAsks ?? false;
  const kept = network?.proxySignIn ?? false;
  const [opened, setOpened] = useState(asks);
  const [refused, setRefused] = useState<CallErrorCode>();

  async function send(signIn: { user: string; password: string } | undefined): Promise<void> {
    setRefused(undefined);
    try {
      client.network.set(await client.call.setProxySignIn({ signIn }));
      setOpened(false);
    } catch (error) {
      setRefused(error instanceof CallError ? error.code : 'internal');
    }
  }

  return (
    <SettingRow
      label={t.network.signIn}
      text={kept ? t.network.signInKept : asks ? undefined : t.network.signInNone}
      below={(
        <>
          {asks ? <Notice role="alert" tone="attention" icon={IconPlugConnectedX} title={kept ? t.network.asksAgainTitle : t.network.asksTitle} text={t.network.asksText} /> : null}
          {opened ? <ProxySignInForm error={refused ? callErrorText(language, refused).what : undefined} onSend={send} onCancel={asks ? undefined : () => setOpened(false)} /> : null}
        </>
      )}
    >
      {opened ? undefined : (
        <div className={styles.inline}>
          {kept ? <Button variant="default" size="sm" onClick={() => void send(undefined)}>{t.network.forget}</Button> : null}
          <Button variant="default" size="sm" onClick={() => setOpened(true)}>{kept ? t.settings.change : t.network.enter}</Button>
        </div>
      )}
    </SettingRow>
  );
}

interface ProxySignInFormProps {
  error: string | undefined;
  onSend: (signIn: { user: string; password: string }) => Promise<void>;
  onCancel: (() => void) | undefined;
}

function ProxySignInForm({ error, onSend, onCancel }: ProxySignInFormProps) {
  const { t } = useWording();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setMissing(user.trim() === '');
    if (user.trim() === '') return;
    setBusy(true);
    await onSend({ user: user.trim(), password });
    setBusy(false);
  }

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      <div className={styles.pair}>
        <TextInput label={t.network.user} autoFocus autoComplete="off" spellCheck={false} value={user} error={missing ? t.network.userMissing : error} onChange={(event) => setUser(event.currentTarget.value)} />
        <PasswordInput
          label={t.network.password}
          autoComplete="off"
          value={password}
          visibilityToggleButtonProps={{ 'aria-label': t.network.showPassword }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </div>
      <div className={styles.buttons}>
        {onCancel ? <Button variant="default" size="sm" onClick={onCancel}>{t.common.cancel}</Button> : null}
        <Button type="submit" size="sm" loading={busy}>{t.settings.save}</Button>
      </div>
    </form>
  );
}
