import { Button, PasswordInput, UnstyledButton } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconArrowUp, IconCircleCheck, IconClock, IconLock, IconUserPlus } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Person } from '../../../shared/domain/account.ts';
import { CallError, type CallErrorCode } from '../../../shared/rpc/call-error.ts';
import { callErrorText } from '../../../shared/texts/call-errors.ts';
import { useClient, useQueueSummary } from '../../client/client-context.tsx';
import { takeAccount } from '../../client/relevo-client.ts';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { FrontFrame } from '../../ui/front-frame.tsx';
import { Notice } from '../../ui/notice.tsx';
import panel from '../../ui/panel.module.css';
import type { Icon, Tone } from '../../ui/upload-state.tsx';
import { type LockLine, savingLine, sendingLine } from './lock-line.ts';
import styles from './lock-screen.module.css';

const lineIcons: Record<Tone, Icon> = { sent: IconCircleCheck, brand: IconArrowUp, waiting: IconClock, attention: IconAlertTriangle, failed: IconAlertTriangle };

interface LockScreenProps {
  person: Person;
  onOther: () => void;
  /** Language and appearance. */
  tools: ReactNode;
}

/** The window while it is locked: whose it is, that sending goes on, and nothing of patients. */
export function LockScreen({ person, onOther, tools }: LockScreenProps) {
  const wording = useWording();
  const { t } = wording;
  const client = useClient();
  const sending = sendingLine(wording, useQueueSummary());
  const saving = savingLine(wording, useStore(client.saving));
  return (
    <FrontFrame tools={tools}>
      <section className={`${panel.panel} ${styles.card}`} aria-label={t.lock.title}>
        <h1 className={styles.title}><IconLock size={16} stroke={2} aria-hidden />{t.lock.title}</h1>
        <div className={styles.person}>
          <Avatar name={person.name} size={64} />
          <p className={styles.name}>{person.name}</p>
          <p className={styles.email}>{person.email}</p>
        </div>
        <UnlockForm />
        <div className={styles.other}>
          <UnstyledButton className={styles.otherButton} onClick={onOther}><IconUserPlus size={16} stroke={1.8} aria-hidden />{t.lock.other}</UnstyledButton>
        </div>
      </section>
      <div className={styles.lines} role="status">
        {saving ? <Line {...saving} /> : null}
        {sending ? <Line {...sending} /> : null}
      </div>
    </FrontFrame>
  );
}

function Line({ tone, text }: LockLine) {
  const Mark = lineIcons[tone];
  return <p className={`${styles.line} numbers`} data-tone={tone}><Mark size={17} stroke={1.9} aria-hidden /><span>{text}</span></p>;
}

function UnlockForm() {
  const { t } = useWording();
  const client = useClient();
  const field = useRef<HTMLInputElement>(null);
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const [refused, setRefused] = useState<{ code: CallErrorCode }>();
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    // After each refusal it is typed anew, from an empty field.
    if (refused) field.current?.focus();
  }, [refused]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setMissing(password === '');
    if (password === '' || busy) return;
    setBusy(true);
    try {
      takeAccount(client, await client.call.unlock({ password }));
    } catch (error) {
      setPassword('');
      setRefused({ code: error instanceof CallError ? error.code : 'internal' });
      setBusy(false);
    }
  }

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      {refused ? <Refusal code={refused.code} /> : null}
      <PasswordInput
        ref={field}
        label={t.lock.password}
        autoComplete="current-password"
        size="md"
        autoFocus
        value={password}
        error={missing ? t.lock.passwordMissing : undefined}
        visibilityToggleButtonProps={{ 'aria-label': t.lock.showPassword }}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
          setMissing(false);
        }}
      />
      <Button type="submit" size="md" fullWidth loading={busy}>{t.lock.unlock}</Button>
    </form>
  );
}

function Refusal({ code }: { code: CallErrorCode }) {
  const { t, language } = useWording();
  if (code === 'wrong-credentials') return <Notice role="alert" tone="failed" icon={IconAlertCircle} title={t.lock.wrongTitle} text={t.lock.wrongText} />;
  const { what, next } = callErrorText(language, code);
  return <Notice role="alert" tone="failed" icon={IconAlertCircle} title={what} text={code === 'too-many-tries' ? t.lock.tooManyText : next} />;
}
