import { Button, SegmentedControl } from '@mantine/core';
import { IconCloudUpload, IconFilter } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { QueueFilter } from '../../../shared/engine-contract.ts';
import { useClient, useQueueSummary } from '../../client/client-context.tsx';
import { countIn } from '../../client/queue-counts.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import panel from '../../ui/panel.module.css';
import { QueueList } from './queue-list.tsx';
import { QueueSummaryCard } from './queue-summary-card.tsx';
import styles from './queue-screen.module.css';
import { isLoaded, rowCount } from './queue-window.ts';
import { StoryDrawer } from './story-drawer.tsx';
import type { UploadAction } from './upload-actions.ts';
import { useQueueRows } from './use-queue-rows.ts';

const filters = ['all', 'sending', 'waiting', 'attention', 'completed'] as const satisfies QueueFilter[];

export function QueueScreen({ onAdd, onConnection }: { onAdd: () => void; onConnection: () => void }) {
  const wording = useWording();
  const { t } = wording;
  const client = useClient();
  const summary = useQueueSummary();
  const [filter, setFilter] = useState<QueueFilter>('all');
  const [opened, setOpened] = useState<UploadItem>();
  const [toCancel, setToCancel] = useState<UploadItem>();
  const { rows, window } = useQueueRows(filter);
  // The list of patients changes meanwhile: the next visit asks anew.
  useEffect(() => () => client.missing.clear(), [client]);

  const act = useCallback((action: UploadAction, item: UploadItem) => {
    if (action === 'cancel') {
      setToCancel(item);
      return;
    }
    const calls = { retry: client.call.retryUpload, pause: client.call.pauseUpload, resume: client.call.resumeUpload };
    // Refused means that its state has just changed, which the row already shows.
    void calls[action]({ id: item.id }).catch(() => undefined);
  }, [client]);

  if (!summary) return null;
  const isEmpty = countIn('all', summary.counts) === 0;
  return (
    <div className={styles.screen}>
      {isEmpty ? (
        <div className={`${panel.panel} ${styles.list}`}>
          <EmptyState icon={IconCloudUpload} title={t.queue.emptyTitle} text={t.queue.emptyText} action={<Button onClick={onAdd}>{t.queue.emptyAction}</Button>} />
        </div>
      ) : (
        <>
          <QueueSummaryCard summary={summary} />
          <SegmentedControl
            className={styles.filter}
            aria-label={t.queue.filter}
            size="sm"
            value={filter}
            onChange={(value) => setFilter(value as QueueFilter)}
            data={filters.map((name) => ({ value: name, label: <FilterLabel name={name} count={countIn(name, summary.counts)} /> }))}
          />
          <div className={`${panel.panel} ${styles.list}`}>
            {isLoaded(window) && rowCount(window) === 0 && filter !== 'all'
              ? <EmptyState icon={IconFilter} title={t.queue.emptyFilter[filter]} />
              : <QueueList key={filter} rows={rows} window={window} onOpen={setOpened} onAct={act} />}
          </div>
        </>
      )}
      <StoryDrawer item={opened} onClose={() => setOpened(undefined)} onAct={act} onConnection={onConnection} />
      <ConfirmDialog
        opened={toCancel !== undefined}
        title={t.queue.cancelAsk}
        text={t.queue.cancelText(toCancel?.fileName ?? '')}
        confirm={t.queue.actions.cancel}
        refuse={t.queue.cancelKeep}
        destructive
        onConfirm={() => { if (toCancel) void client.call.cancelUpload({ id: toCancel.id }).catch(() => undefined); }}
        onClose={() => setToCancel(undefined)}
      />
    </div>
  );
}

function FilterLabel({ name, count }: { name: (typeof filters)[number]; count: number }) {
  const wording = useWording();
  return (
    <span className={styles.filterLabel}>
      {wording.t.queue.filters[name]}
      {count > 0 ? <span className={`${styles.count} numbers`} data-attention={name === 'attention'}>{wording.count(count).text}</span> : null}
    </span>
  );
}
