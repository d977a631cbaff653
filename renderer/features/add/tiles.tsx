import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useWording } from '../../texts/texts-context.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';
import type { BatchSummary } from './batch.ts';
import styles from './tiles.module.css';

/** The queue shows all of them; here the eye wants to see that it is the right photos. */
const shownAtMost = 60;

/** The photos of a batch, the latest first, and a place for each that is still to come. */
export function Tiles({ summary, onMore }: { summary: BatchSummary; onMore: () => void }) {
  const { t, count } = useWording();
  const taken = summary.taken.slice(-shownAtMost).reverse();
  const pending = summary.state === 'saving' ? Math.max(0, summary.total - summary.taken.length - summary.rejected.length) : 0;
  const places = Math.min(pending, Math.max(0, shownAtMost - taken.length));
  const left = summary.taken.length + pending - taken.length - places;
  return (
    <ul className={styles.tiles} aria-label={t.add.progressLabel}>
      {taken.map((outcome) => {
        const isDuplicate = outcome.outcome === 'duplicate';
        const word = isDuplicate ? t.add.tile.duplicate : t.add.tile.saved;
        const Mark = isDuplicate ? IconCopy : IconCheck;
        return (
          <li key={`${outcome.outcome}-${outcome.file}-${outcome.id}`} className={styles.tile} title={`${outcome.file} · ${word}`}>
            <Thumbnail id={outcome.id} available={isDuplicate} size={72} />
            <span className={styles.badge} data-duplicate={isDuplicate} role="img" aria-label={word}><Mark size={12} stroke={3} aria-hidden /></span>
          </li>
        );
      })}
      {Array.from({ length: places }, (_, index) => <li key={`place-${index}`} className={styles.place} aria-hidden />)}
      {left > 0 ? (
        <li>
          <button type="button" className={`${styles.more} numbers`} onClick={onMore} aria-label={t.add.toQueue}>+{count(left).text}</button>
        </li>
      ) : null}
    </ul>
  );
}
