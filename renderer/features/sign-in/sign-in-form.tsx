import { Button, Collapse, PasswordInput, TextInput, UnstyledButton } from '@mantine/core';
import { IconAlertCircle, IconChevronRight } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { CallError, type CallErrorCode } from '../../../shared/rpc/call-error.ts';
import { callErrorText } from '../../../shared/texts/call-errors.ts';
import { useAccount, useClient } from '../../client/client-context.tsx';
import { shortAddress, toGatewayAddress } from '../../client/gateway-address.ts';
import { takeAccount } from '../../client/relevo-client.ts';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Notice } from '../../ui/notice.tsx';
import styles from './sign-in-form.module.css';

type Field = 'email' | 'password' | 'server';

interface SignInFormProps {
  /** Whose turn it seems to be; another may sign in all the same. */
  email?: string;
  /** Where that is, if not at the server that is set. */
  gateway?: string;
  /** At the server that is set, and no other. */
  serverStays?: boolean;
  onSignedIn?: () => void;
}

export function SignInForm({ email: known = '', gateway: knownGateway, serverStays = false, onSignedIn }: SignInFormProps) {
  const { t, language } = useWording();
  const client = useClient();
  const settings = useStore(client.settings);
  const fixed = useStore(client.fixed);
  const account = useAccount();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [typedServer, setTypedServer] = useState(knownGateway);
  const [unfolded, setUnfolded] = useState(false);
  const [wrong, setWrong] = useState<Partial<Record<Field, string>>>({});
  const [refused, setRefused] = useState<CallErrorCode>();
  const [busy, setBusy] = useState(false);

  const setServer = settings?.gateway ?? account?.gateway ?? '';
  const server = typedServer ?? setServer;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const gateway = toGatewayAddress(server);
    const found: Partial<Record<Field, string>> = {
      ...(email.trim() === '' ? { email: t.signIn.emailMissing } : {}),
      ...(password === '' ? { password: t.signIn.passwordMissing } : {}),
      ...(gateway === undefined ? { server: t.signIn.serverInvalid } : {}),
    };
    setWrong(found);
    setRefused(undefined);
    if (found.server) setUnfolded(true);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      if (gateway !== setServer) await client.call.changeSettings({ gateway });
      const signedIn = await client.call.signIn({ email: email.trim(), password });
      setPassword('');
      takeAccount(client, signedIn);
      onSignedIn?.();
    } catch (error) {
      const code = error instanceof CallError ? error.code : 'internal';
      setRefused(code);
      if (code === 'no-gateway') setUnfolded(true);
    } finally {
      setBusy(false);
    }
  }

  const explanation = refused ? callErrorText(language, refused) : undefined;
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      {explanation ? <Notice role="alert" tone="failed" icon={IconAlertCircle} title={explanation.what} text={explanation.next} /> : null}
      <TextInput
        label={t.signIn.email}
        type="email"
        autoComplete="username"
        size="md"
        value={email}
        error={wrong.email}
        data-autofocus={known === '' || undefined}
        autoFocus={known === ''}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <PasswordInput
        label={t.signIn.password}
        autoComplete="current-password"
        size="md"
        value={password}
        error={wrong.password}
        data-autofocus={known !== '' || undefined}
        autoFocus={known !== ''}
        visibilityToggleButtonProps={{ 'aria-label': t.signIn.showPassword }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" size="md" fullWidth loading={busy}>{t.signIn.submit}</Button>
      {serverStays || fixed.includes('gateway') ? null : (
        <div>
          <UnstyledButton type="button" className={styles.fold} aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
            <IconChevronRight size={15} className={styles.chevron} aria-hidden />
            {t.signIn.server}
            <span className={styles.address}>{server ? shortAddress(server) : t.signIn.serverNotSet}</span>
          </UnstyledButton>
          <Collapse expanded={unfolded}>
            <TextInput
              className={styles.server}
              label={t.signIn.serverAddress}
              description={t.signIn.serverHint}
              inputMode="url"
              spellCheck={false}
              autoComplete="off"
              placeholder="https://"
              value={server}
              error={wrong.server}
              onChange={(event) => setTypedServer(event.currentTarget.value)}
            />
          </Collapse>
        </div>
      )}
    </form>
  );
}
