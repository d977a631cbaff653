import { Button, PasswordInput, Switch, TextInput } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { OwnKeys, OwnKeysInput, OwnKeysTest } from '../../../shared/domain/own-keys.ts';
import { CallError, type CallErrorCode } from '../../../shared/rpc/call-error.ts';
import { callErrorText } from '../../../shared/texts/call-errors.ts';
import { useClient } from '../../client/client-context.tsx';
import { useWording } from '../../texts/texts-context.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Notice } from '../../ui/notice.tsx';
import panel from '../../ui/panel.module.css';
import { StepList } from '../../ui/step-list.tsx';
import { checkKeys, isKept, type KeysDraft, keysDraftOf, type KeysField, technicalText, testSteps } from './own-keys.ts';
import styles from './own-keys.module.css';

interface OwnKeysFormProps {
  kept: OwnKeys | undefined;
  onSaved: () => void;
  onCancel: () => void;
}

/** `of`: the very values that were tested; anything typed afterwards is untested. */
type Trial = { of: string; test?: OwnKeysTest; refused?: CallErrorCode };

/** Tested before it is saved, with what was entered and nothing else. */
export function OwnKeysForm({ kept, onSaved, onCancel }: OwnKeysFormProps) {
  const { t } = useWording();
  const client = useClient();
  const [draft, setDraft] = useState<KeysDraft>(() => keysDraftOf(kept));
  const [wrong, setWrong] = useState<Partial<Record<KeysField, string>>>({});
  const [trial, setTrial] = useState<Trial>();
  const [busy, setBusy] = useState<'test' | 'save'>();
  const now = JSON.stringify(draft);
  const shown = trial?.of === now ? trial : undefined;
  const passed = shown?.test?.passed === true;
  const footer = useRef<HTMLDivElement>(null);
  const hasEnded = shown?.test !== undefined || shown?.refused !== undefined;
  useEffect(() => {
    // In a low window what came out, and the next step, would be out of sight.
    if (hasEnded) footer.current?.scrollIntoView({ block: 'end' });
  }, [hasEnded]);

  function checked(): OwnKeysInput | undefined {
    const result = checkKeys(draft, kept, t.ownKeys);
    setWrong('wrong' in result ? result.wrong : {});
    return 'input' in result ? result.input : undefined;
  }

  async function run(kind: 'test' | 'save'): Promise<void> {
    const input = checked();
    if (!input || busy) return;
    setBusy(kind);
    setTrial({ of: now });
    try {
      if (kind === 'save') {
        const answer = await client.call.saveOwnKeys(input);
        if (answer.saved) onSaved();
        else setTrial({ of: now, test: answer });
      } else {
        const test = await client.call.testOwnKeys(input);
        setTrial({ of: now, test });
      }
    } catch (error) {
      setTrial({ of: now, refused: error instanceof CallError ? error.code : 'internal' });
    } finally {
      setBusy(undefined);
    }
  }

  const field = (name: KeysField) => ({
    value: draft[name],
    error: wrong[name],
    disabled: busy !== undefined,
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: FormEvent<HTMLInputElement>) => {
      setDraft({ ...draft, [name]: event.currentTarget.value });
      setWrong({ ...wrong, [name]: undefined });
    },
  });

  return (
    <form
      className={panel.panel}
      aria-label={t.ownKeys.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(passed ? 'save' : 'test');
      }}
    >
      <p className={styles.intro}>{t.ownKeys.intro}</p>
      <div className={styles.fields}>
        <TextInput className={styles.whole} label={t.ownKeys.endpoint} description={t.ownKeys.endpointHint} inputMode="url" autoFocus {...field('endpoint')} />
        <TextInput label={t.ownKeys.bucket} {...field('bucket')} />
        <TextInput label={t.ownKeys.region} placeholder="ams3" {...field('region')} />
        <TextInput label={t.ownKeys.accessKeyId} {...field('accessKeyId')} />
        <PasswordInput
          label={t.ownKeys.secret}
          placeholder={isKept(draft, kept) ? t.ownKeys.secretKept : undefined}
          visibilityToggleButtonProps={{ 'aria-label': t.ownKeys.showSecret }}
          {...field('secretAccessKey')}
        />
        <Switch
          className={styles.whole}
          label={t.ownKeys.pathStyle}
          description={t.ownKeys.pathStyleText}
          disabled={busy !== undefined}
          checked={draft.pathStyle}
          onChange={(event) => setDraft({ ...draft, pathStyle: event.currentTarget.checked })}
        />
      </div>
      <div className={styles.trial} role="status">{shown ? <TrialResult trial={shown} /> : <p className={styles.quiet}>{t.ownKeys.testText}</p>}</div>
      <div ref={footer} className={styles.footer}>
        <Button variant="default" size="sm" disabled={busy !== undefined} onClick={onCancel}>{t.common.cancel}</Button>
        <Button variant={passed ? 'default' : 'filled'} size="sm" loading={busy === 'test'} disabled={busy === 'save'} onClick={() => void run('test')}>{t.ownKeys.test}</Button>
        <Button variant={passed ? 'filled' : 'default'} size="sm" loading={busy === 'save'} disabled={!passed} onClick={() => void run('save')}>{t.ownKeys.save}</Button>
        {/* So that Enter in a field does the next step. */}
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </div>
    </form>
  );
}

function TrialResult({ trial: { test, refused } }: { trial: Trial }) {
  const wording = useWording();
  const { t, language } = wording;
  if (refused) {
    const { what, next } = callErrorText(language, refused);
    return <Notice tone="failed" icon={IconAlertCircle} title={what} text={next} />;
  }
  const failures = test?.steps.flatMap(({ failure }) => failure ?? []) ?? [];
  return (
    <>
      {test ? (
        test.passed
          ? <Notice tone="sent" icon={IconCircleCheck} title={t.ownKeys.passed} />
          : <Notice tone="failed" icon={IconAlertCircle} title={t.ownKeys.failed} text={t.ownKeys.failedText} />
      ) : null}
      <StepList steps={testSteps(wording, test)} label={t.ownKeys.test} />
      {failures.length > 0 ? (
        <Fold label={t.common.details}>
          {failures.map((failure, index) => <p key={index} className={`${styles.technical} selectable`}>{technicalText(failure)}</p>)}
        </Fold>
      ) : null}
    </>
  );
}
