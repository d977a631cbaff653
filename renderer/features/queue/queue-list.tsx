import { type KeyboardEvent, type RefObject, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { UploadItem } from '../../../shared/domain/upload.ts';
import { useNow } from '../../client/client-context.tsx';
import { useWording } from '../../texts/texts-context.tsx';
import { rowHeights } from '../../ui/theme/tokens.ts';
import { useVirtualList } from '../../ui/use-virtual-list.ts';
import styles from './queue-list.module.css';
import rowStyles from './queue-row.module.css';
import { QueueRow } from './queue-row.tsx';
import type { QueueRows } from './queue-rows.ts';
import { placeAt, type QueueWindow, rowCount } from './queue-window.ts';
import { actionForKey, type UploadAction } from './upload-actions.ts';

interface QueueListProps {
  rows: QueueRows;
  window: QueueWindow;
  onOpen: (item: UploadItem) => void;
  onAct: (action: UploadAction, item: UploadItem) => void;
}

/** The list: one stop for the Tab key, arrows inside, and only the rows in sight in the document. */
export function QueueList({ rows, window, onOpen, onAct }: QueueListProps) {
  const { t } = useWording();
  const now = useNow(10_000);
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number>();
  const count = rowCount(window);
  const virtualizer = useVirtualList({ count, scroller, rowHeight: rowHeights.queue });
  const visible = virtualizer.getVirtualItems();
  const first = visible[0]?.index ?? 0;
  const last = visible.at(-1)?.index ?? 0;
  useEffect(() => rows.show(first, last), [rows, first, last, count]);
  useStayWithRows(window, scroller);

  const open = useCallback((item: UploadItem, row: number) => {
    setActive(row);
    onOpen(item);
  }, [onOpen]);

  function moveTo(row: number): void {
    const within = Math.min(count - 1, Math.max(0, row));
    setActive(within);
    virtualizer.scrollToIndex(within);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = active ?? -1;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeights.queue) - 1);
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 };
    const target = moves[event.key];
    if (target !== undefined) {
      event.preventDefault();
      moveTo(target);
      return;
    }
    const place = active === undefined ? undefined : placeAt(window, active);
    if (active === undefined || !place?.item) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      open(place.item, active);
      return;
    }
    const action = actionForKey(event.key, place.item.state);
    if (action) {
      event.preventDefault();
      onAct(action, place.item);
    }
  }

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      aria-label={t.queue.list}
      aria-description={t.queue.keys}
      aria-rowcount={count}
      aria-activedescendant={active === undefined ? undefined : `${listId}-${active}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => { if (active === undefined && count > 0) setActive(first); }}
      onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) setActive(undefined); }}
    >
      <div className={styles.sizer} style={{ height: virtualizer.getTotalSize() }} role="presentation">
        {visible.map(({ index, start }) => {
          const place = placeAt(window, index);
          return (
            <div key={place?.item?.id ?? `row-${index}`} className={styles.placed} style={{ transform: `translateY(${start}px)` }} role="presentation">
              {place?.item
                ? <QueueRow item={place.item} id={`${listId}-${index}`} row={index} active={index === active} now={now} onOpen={open} onAct={onAct} />
                : <div className={rowStyles.placeholder} role="row" aria-label={t.queue.rowsLeftOut} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** While somebody reads further down, photos added on top must not push the rows away under their eyes. */
function useStayWithRows(window: QueueWindow, scroller: RefObject<HTMLDivElement | null>): void {
  const topmost = window.stretches[0]?.items?.[0]?.sequence;
  const before = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    const seen = before.current;
    before.current = topmost;
    const element = scroller.current;
    if (!element || seen === undefined || topmost === undefined || element.scrollTop < rowHeights.queue) return;
    const added = window.stretches[0]!.items!.findIndex(({ sequence }) => sequence <= seen);
    if (added > 0) element.scrollBy(0, added * rowHeights.queue);
  }, [topmost, window, scroller]);
}
