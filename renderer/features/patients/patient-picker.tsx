import { ActionIcon, Skeleton, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconClock, IconRefresh, IconSearch, IconUserOff, IconUsers, IconWifiOff } from '@tabler/icons-react';
import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from 'react';
import type { Patient } from '../../../shared/domain/account.ts';
import { useNow } from '../../client/client-context.tsx';
import { useOffline } from '../../client/use-offline.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Avatar } from '../../ui/avatar.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import panel from '../../ui/panel.module.css';
import { rowHeights } from '../../ui/theme/tokens.ts';
import { useVirtualList } from '../../ui/use-virtual-list.ts';
import { listAge } from './list-age.ts';
import styles from './patient-picker.module.css';
import { usePatients } from './use-patients.ts';

interface PatientPickerProps {
  chosen: Patient | undefined;
  onChoose: (patient: Patient) => void;
}

/** A search field over a list: type, arrows, Enter. The focus stays in the field, the list follows it. */
export function PatientPicker({ chosen, onChoose }: PatientPickerProps) {
  const wording = useWording();
  const { t } = wording;
  const now = useNow(30_000);
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const search = usePatients(useDeferredValue(text.trim()));
  const { patients, total } = search;
  const [pointed, setPointed] = useState<number>();
  const active = pointed === undefined || pointed >= patients.length ? undefined : pointed;
  const offline = useOffline();
  const age = search.loading ? undefined : listAge(wording, { fetchedAt: search.fetchedAt, offline, now });
  const virtualizer = useVirtualList({ count: patients.length, scroller, rowHeight: rowHeights.patient });

  function point(index: number): void {
    if (patients.length === 0) return;
    const within = Math.min(patients.length - 1, Math.max(0, index));
    setPointed(within);
    virtualizer.scrollToIndex(within);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const at = active ?? -1;
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 };
    const target = moves[event.key];
    if (target !== undefined) {
      event.preventDefault();
      point(target);
    } else if (event.key === 'Enter') {
      // With one match left, or the first of several, Enter takes what is on top.
      const patient = patients[active ?? 0];
      if (patient) onChoose(patient);
    } else if (event.key === 'Escape' && text !== '') {
      event.preventDefault();
      setText('');
      setPointed(undefined);
    }
  }

  return (
    <section className={`${panel.panel} ${styles.picker}`} aria-label={t.patients.title}>
      <div className={styles.head}>
        <h2 className={panel.heading}>{t.patients.title}</h2>
        <Tooltip label={search.fetchedAt === undefined ? t.patients.refresh : `${t.patients.refresh} · ${t.patients.fetched(wording.ago(search.fetchedAt, now))}`}>
          <ActionIcon variant="subtle" color="gray" c="var(--quiet)" size={26} aria-label={t.patients.refresh} loading={search.refreshing} onClick={search.refresh}>
            <IconRefresh size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      <TextInput
        className={styles.search}
        aria-label={t.patients.search}
        placeholder={t.patients.search}
        leftSection={<IconSearch size={16} />}
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={active === undefined ? undefined : `${listId}-${active}`}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPointed(undefined);
          virtualizer.scrollToOffset(0);
        }}
        onKeyDown={onKeyDown}
      />
      {age ? (
        <p className={`${styles.age} numbers`} role="status">
          {offline ? <IconWifiOff size={14} stroke={1.8} aria-hidden /> : <IconClock size={14} stroke={1.8} aria-hidden />}
          {age}
        </p>
      ) : null}
      <div ref={scroller} className={styles.scroller} tabIndex={-1}>
        {search.loading ? <Loading label={t.patients.loading} /> : null}
        {!search.loading && patients.length === 0 ? (
          text.trim() === ''
            ? <EmptyState icon={IconUsers} title={t.patients.empty} text={t.patients.emptyHint} />
            : <EmptyState icon={IconUserOff} title={t.patients.none} text={t.patients.noneHint} />
        ) : null}
        <div id={listId} role="listbox" aria-label={t.patients.list} className={styles.sizer} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const patient = patients[index]!;
            return (
              <PatientOption
                key={patient.id}
                id={`${listId}-${index}`}
                patient={patient}
                position={index + 1}
                count={patients.length}
                start={start}
                chosen={patient.id === chosen?.id}
                active={index === active}
                onChoose={() => {
                  setPointed(index);
                  onChoose(patient);
                }}
              />
            );
          })}
        </div>
      </div>
      {total > patients.length ? <p className={`${styles.more} numbers`}>{t.patients.more(wording.count(patients.length), wording.count(total))}</p> : null}
    </section>
  );
}

interface PatientOptionProps {
  id: string;
  patient: Patient;
  position: number;
  count: number;
  /** In pixels from the list's top. */
  start: number;
  chosen: boolean;
  active: boolean;
  onChoose: () => void;
}

function PatientOption({ id, patient, position, count, start, chosen, active, onChoose }: PatientOptionProps) {
  const { t } = useWording();
  const detail = patient.missing ? t.patients.missingLabel : patient.detail;
  return (
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      aria-setsize={count}
      aria-posinset={position}
      className={styles.option}
      data-active={active}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onChoose}
    >
      <Avatar name={patient.name} chosen={chosen} />
      <span className={styles.words}>
        <span className={styles.name} title={patient.name}>{patient.name}</span>
        {detail ? (
          <span className={styles.detail} title={patient.missing ? t.patients.missing : detail} data-missing={patient.missing}>
            {patient.missing ? <IconUserOff size={13} stroke={2} aria-hidden /> : null}
            {detail}
          </span>
        ) : null}
      </span>
      {chosen ? <IconCheck size={17} stroke={2.2} className={styles.check} aria-hidden /> : null}
    </div>
  );
}

function Loading({ label }: { label: string }) {
  return (
    <div className={styles.loading} role="status" aria-label={label}>
      {[0, 1, 2, 3, 4].map((line) => <Skeleton key={line} height={32} radius="md" />)}
    </div>
  );
}
