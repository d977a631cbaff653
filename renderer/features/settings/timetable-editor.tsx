import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconArrowUp, IconClock, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { LimitedHours } from '../../../shared/domain/settings.ts';
import { useWording } from '../../texts/texts-context.tsx';
import type { Icon } from '../../ui/upload-state.tsx';
import { SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';
import { canAdd, draftOf, entryText, newDraft } from './timetable.ts';
import { TimetableForm } from './timetable-form.tsx';
import styles from './timetable-editor.module.css';

/** The hours with a limit of their own, a line each; one of them at a time is being changed. */
export function TimetableEditor() {
  const wording = useWording();
  const { t } = wording;
  const { settings: { bandwidthTimetable: entries }, set, isFixed } = useSettingsAccess();
  /** Its place; one past the last is a new one. */
  const [edited, setEdited] = useState<number>();
  const fixed = isFixed('bandwidthTimetable');

  function keep(next: readonly LimitedHours[]): void {
    void set({ bandwidthTimetable: [...next] });
    setEdited(undefined);
  }

  return (
    <SettingRow
      label={t.speed.timetable}
      text={t.speed.timetableText}
      fixed={fixed}
      below={entries.length > 0 || edited !== undefined ? (
        <ul className={styles.entries} aria-label={t.speed.timetable}>
          {entries.map((entry, place) => (place === edited ? (
            <li key={place}>
              <TimetableForm start={draftOf(entry)} onCancel={() => setEdited(undefined)} onDone={(changed) => keep(entries.with(place, changed))} />
            </li>
          ) : (
            <li key={place} className={styles.entry}>
              <IconClock size={17} stroke={1.8} aria-hidden />
              <span className={`${styles.text} numbers`}>{entryText(wording, entry)}</span>
              {fixed ? null : (
                <span className={styles.actions}>
                  {place > 0 ? <Action icon={IconArrowUp} label={t.speed.moveUp} onClick={() => keep(entries.with(place - 1, entry).with(place, entries[place - 1]!))} /> : null}
                  <Action icon={IconPencil} label={t.speed.edit} onClick={() => setEdited(place)} />
                  <Action icon={IconTrash} label={t.speed.remove} onClick={() => keep(entries.toSpliced(place, 1))} />
                </span>
              )}
            </li>
          )))}
          {edited === entries.length ? (
            <li><TimetableForm start={newDraft} onCancel={() => setEdited(undefined)} onDone={(added) => keep([...entries, added])} /></li>
          ) : null}
        </ul>
      ) : undefined}
    >
      {fixed || edited === entries.length || !canAdd(entries) ? undefined : (
        <Button variant="default" size="sm" leftSection={<IconPlus size={16} />} onClick={() => setEdited(entries.length)}>{t.speed.add}</Button>
      )}
    </SettingRow>
  );
}

function Action({ icon: Mark, label, onClick }: { icon: Icon; label: string; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" c="var(--quiet)" size={28} aria-label={label} onClick={onClick}><Mark size={16} stroke={1.8} /></ActionIcon>
    </Tooltip>
  );
}
