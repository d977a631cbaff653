import { Button, TextInput, UnstyledButton } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { LimitedHours } from '../../../shared/domain/settings.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { checkDraft, type Draft, type Wrong } from './timetable.ts';
import styles from './timetable-editor.module.css';

interface TimetableFormProps {
  start: Draft;
  onDone: (entry: LimitedHours) => void;
  onCancel: () => void;
}

export function TimetableForm({ start, onDone, onCancel }: TimetableFormProps) {
  const { t } = useWording();
  const { speed } = t;
  const [draft, setDraft] = useState(start);
  const [wrong, setWrong] = useState<Wrong>({});

  function change(part: Partial<Draft>): void {
    setDraft((before) => ({ ...before, ...part }));
    setWrong((before) => ({ ...before, ...Object.fromEntries(Object.keys(part).map((name) => [name, undefined])) }));
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    const checked = checkDraft(draft, speed);
    if ('entry' in checked) onDone(checked.entry);
    else setWrong(checked.wrong);
  }

  function toggle(day: number): void {
    change({ days: draft.days.includes(day) ? draft.days.filter((each) => each !== day) : [...draft.days, day] });
  }

  return (
    <form
      className={styles.form}
      onSubmit={submit}
      noValidate
      onKeyDown={(event) => { if (event.key === 'Escape') onCancel(); }}
    >
      <fieldset className={styles.days}>
        <legend className={styles.legend}>{speed.dayField}</legend>
        {speed.dayNames.map((name, index) => (
          <UnstyledButton
            key={name}
            type="button"
            className={styles.day}
            aria-label={name}
            aria-pressed={draft.days.includes(index + 1)}
            onClick={() => toggle(index + 1)}
          >
            {speed.days[index]}
          </UnstyledButton>
        ))}
      </fieldset>
      {wrong.days ? <p className={styles.error} role="alert">{wrong.days}</p> : null}
      <div className={`${styles.fields} numbers`}>
        <TextInput className={styles.time} label={speed.from} autoFocus autoComplete="off" value={draft.from} error={wrong.from} onChange={(event) => change({ from: event.currentTarget.value })} />
        <TextInput className={styles.time} label={speed.to} autoComplete="off" value={draft.to} error={wrong.to} onChange={(event) => change({ to: event.currentTarget.value })} />
        <TextInput
          className={styles.limit}
          classNames={{ section: styles.unit }}
          label={speed.limitField}
          inputMode="numeric"
          autoComplete="off"
          placeholder={speed.none}
          rightSection={draft.limit === '' ? undefined : speed.unit}
          rightSectionWidth={52}
          value={draft.limit}
          error={wrong.limit}
          onChange={(event) => change({ limit: event.currentTarget.value })}
        />
      </div>
      <div className={styles.buttons}>
        <Button variant="default" size="sm" onClick={onCancel}>{t.common.cancel}</Button>
        <Button type="submit" size="sm">{speed.done}</Button>
      </div>
    </form>
  );
}
