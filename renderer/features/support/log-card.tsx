import { SegmentedControl, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconBug, IconCircleX, IconInfoCircle, IconListSearch, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import type { LogLevel, ShownLogLine } from '../../../shared/domain/support.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import panel from '../../ui/panel.module.css';
import { rowHeights } from '../../ui/theme/tokens.ts';
import type { Icon } from '../../ui/upload-state.tsx';
import { useVirtualList } from '../../ui/use-virtual-list.ts';
import styles from './log-card.module.css';
import { fieldsText, logTime } from './log-lines.ts';
import { useLog } from './use-log.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const satisfies LogLevel[];
const marks: Record<LogLevel, Icon> = { debug: IconBug, info: IconInfoCircle, warn: IconAlertTriangle, error: IconCircleX };

/** The redacted log as it is written. */
export function LogCard() {
  const { t: { support } } = useWording();
  const [level, setLevel] = useState<LogLevel>('info');
  const [search, setSearch] = useState('');
  const lines = useLog({ level, search });
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={support.log}>
      <div className={styles.head}>
        <div className={styles.words}>
          <h2 className={styles.title}>{support.log}</h2>
          <p className={styles.text}>{support.logText}</p>
        </div>
        <SegmentedControl size="xs" aria-label={support.level} value={level} onChange={(value) => setLevel(value as LogLevel)} data={levels.map((value) => ({ value, label: support.levels[value] }))} />
        <TextInput
          className={styles.search}
          size="xs"
          leftSection={<IconSearch size={14} aria-hidden />}
          aria-label={support.search}
          placeholder={support.search}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      </div>
      {lines.length === 0
        ? <div className={styles.empty}><EmptyState icon={IconListSearch} title={support.logEmpty} text={support.logEmptyHint} /></div>
        : <Lines lines={lines} />}
    </section>
  );
}

/** One stop for the Tab key, arrows inside; the chosen line is shown whole under the list. */
function Lines({ lines }: { lines: readonly ShownLogLine[] }) {
  const { t: { support } } = useWording();
  const listId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<ShownLogLine>();
  const virtualizer = useVirtualList({ count: lines.length, scroller, rowHeight: rowHeights.log });
  const newest = lines[0];
  const before = useRef(newest);
  // Who reads further down must not have the lines move under their eyes.
  useLayoutEffect(() => {
    const added = before.current ? lines.indexOf(before.current) : -1;
    before.current = newest;
    const element = scroller.current;
    if (element && added > 0 && element.scrollTop >= rowHeights.log) element.scrollBy(0, added * rowHeights.log);
  }, [lines, newest]);
  const at = chosen ? lines.indexOf(chosen) : -1;

  function onKeyDown(event: KeyboardEvent): void {
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 };
    const target = moves[event.key];
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const within = Math.min(lines.length - 1, Math.max(0, target));
    setChosen(lines[within]);
    virtualizer.scrollToIndex(within);
  }

  return (
    <>
      <div
        ref={scroller}
        className={styles.scroller}
        role="listbox"
        aria-label={support.lines}
        aria-description={support.keys}
        aria-activedescendant={at >= 0 ? `${listId}-${at}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div className={styles.sizer} style={{ height: virtualizer.getTotalSize() }} role="presentation">
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (!line) return null;
            const Mark = marks[line.level];
            return (
              <div
                key={index}
                id={`${listId}-${index}`}
                className={styles.line}
                style={{ transform: `translateY(${start}px)` }}
                role="option"
                aria-selected={line === chosen}
                data-level={line.level}
                onClick={() => setChosen(line)}
              >
                <Mark size={14} stroke={2} className={styles.mark} aria-hidden />
                <span className="visually-hidden">{support.levels[line.level]}</span>
                <span className={styles.time}>{logTime(line.at)}</span>
                <span className={styles.event}>{line.event}</span>
                <span className={styles.fields}>{fieldsText(line)}</span>
              </div>
            );
          })}
        </div>
      </div>
      {chosen ? <p className={`${styles.whole} selectable`}>{`${new Date(chosen.at).toISOString()} ${chosen.level} ${chosen.event} ${fieldsText(chosen)}`}</p> : null}
    </>
  );
}
