import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useWording } from '../../texts/texts-context.tsx';
import { toLimit } from './limits.ts';
import styles from './limit-field.module.css';

interface LimitFieldProps {
  label: string;
  /** In thousands of bytes a second; absent is no limit. */
  value: number | undefined;
  /** May be left empty, which is no limit. */
  optional: boolean;
  disabled: boolean;
  onCommit: (value: number | undefined) => void;
}

/** A limit that is kept when the field is left, or with Enter. */
export function LimitField({ label, value, optional, disabled, onCommit }: LimitFieldProps) {
  const { t, count } = useWording();
  const [typed, setTyped] = useState<string>();
  const limit = typed === undefined ? undefined : toLimit(typed);
  const isWrong = typed !== undefined && (limit === undefined || (limit === 'none' && !optional));

  function commit(): void {
    if (typed === undefined || isWrong || limit === undefined) return;
    const chosen = limit === 'none' ? undefined : limit;
    if (chosen !== value) onCommit(chosen);
    setTyped(undefined);
  }

  return (
    <TextInput
      className={styles.field}
      classNames={{ section: styles.unit }}
      aria-label={label}
      inputMode="numeric"
      autoComplete="off"
      disabled={disabled}
      placeholder={optional ? t.speed.none : undefined}
      rightSection={typed === '' || (typed === undefined && value === undefined) ? undefined : t.speed.unit}
      rightSectionWidth={52}
      value={typed ?? (value === undefined ? '' : count(value).text)}
      error={isWrong ? t.speed.badLimit : undefined}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => { if (event.key === 'Enter') commit(); }}
    />
  );
}
