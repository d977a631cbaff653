import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconUserOff, IconX } from '@tabler/icons-react';
import { memo } from 'react';
import type { UploadItem } from '../../../shared/domain/upload.ts';
import { useMissing } from '../../client/use-missing.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';
import { type Icon, lookOf } from '../../ui/upload-state.tsx';
import styles from './queue-row.module.css';
import { reasonFor } from './reason.ts';
import { actionsFor, type UploadAction } from './upload-actions.ts';

export const actionIcons: Record<UploadAction, Icon> = { retry: IconRefresh, pause: IconPlayerPause, resume: IconPlayerPlay, cancel: IconX };

interface QueueRowProps {
  item: UploadItem;
  id: string;
  /** From 0, in the whole list. */
  row: number;
  active: boolean;
  now: number;
  onOpen: (item: UploadItem, row: number) => void;
  onAct: (action: UploadAction, item: UploadItem) => void;
}

export const QueueRow = memo(function QueueRow({ item, id, row, active, now, onOpen, onAct }: QueueRowProps) {
  const wording = useWording();
  const { queue } = wording.t;
  const { tone, icon } = lookOf(item.state);
  const word = queue.states[item.state.name];
  const reason = reasonFor(wording, item, now);
  const missing = useMissing(item.patientId);
  const patient = missing ? `${item.patientName} · ${wording.t.patients.missingShort}` : item.patientName;
  const name = `${item.fileName}, ${patient}, ${word}`;
  return (
    // The list holds the focus and its keys; a row is only pointed at.
    <div id={id} role="row" aria-label={name} aria-rowindex={row + 1} aria-selected={active} className={styles.row} onClick={() => onOpen(item, row)}>
      <div role="gridcell" className={styles.photo}>
        <Thumbnail id={item.id} available={item.hasThumbnail} size={40} />
        <div className={styles.words}>
          <div className={styles.name} title={item.fileName}>{item.fileName}</div>
          <div className={styles.patient} title={patient} data-missing={missing}>
            {missing ? <IconUserOff size={14} stroke={2} aria-hidden /> : null}
            {patient}
          </div>
        </div>
      </div>
      <div role="gridcell" className={styles.state}>
        <StateChip tone={tone} icon={icon} word={word} />
        {reason ? <div className={`${styles.reason} numbers`} title={reason}>{reason}</div> : null}
      </div>
      <div role="gridcell" className={`${styles.size} numbers`}>{wording.bytes(item.sizeBytes)}</div>
      <div role="gridcell" className={styles.actions}>
        {actionsFor(item.state).map((action) => {
          const Mark = actionIcons[action];
          return (
            <Tooltip key={action} label={queue.actions[action]}>
              <ActionIcon
                variant="subtle"
                color="gray"
                c="var(--quiet)"
                size={30}
                tabIndex={-1}
                aria-label={queue.actions[action]}
                onClick={(event) => {
                  event.stopPropagation();
                  onAct(action, item);
                }}
              >
                <Mark size={17} stroke={1.8} />
              </ActionIcon>
            </Tooltip>
          );
        })}
      </div>
      {item.state.name === 'uploading' && item.sentBytes > 0
        ? <div className={styles.progress} style={{ transform: `scaleX(${Math.min(1, item.sentBytes / item.sizeBytes)})` }} aria-hidden />
        : null}
    </div>
  );
});
