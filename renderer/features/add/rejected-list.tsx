import { IconAlertTriangle } from '@tabler/icons-react';
import { rejectionText } from '../../../shared/texts/rejections.ts';
import { useWording } from '../../texts/texts-context.tsx';
import type { Rejected } from './batch.ts';
import styles from './rejected-list.module.css';

/** Whoever dropped a wrong folder need not scroll past all of it. */
const shownAtMost = 50;

/** The files that were not taken, each with its reason and what to do. */
export function RejectedList({ rejected }: { rejected: readonly Rejected[] }) {
  const { t, count, language } = useWording();
  const title = t.add.rejectedTitle(count(rejected.length));
  return (
    <section aria-label={title} className={styles.rejected}>
      <h3 className={`${styles.title} numbers`}>
        <IconAlertTriangle size={16} aria-hidden />
        {title}
      </h3>
      <ul className={styles.list}>
        {rejected.slice(0, shownAtMost).map((file, index) => {
          const text = rejectionText(language, file);
          return (
            <li key={`${file.file}-${index}`} className={styles.item}>
              <span className={`${styles.name} selectable`} title={file.file}>{fileNameOf(file.file)}</span>
              <span className={styles.what}>{text.what} <span className={styles.next}>{text.next}</span></span>
            </li>
          );
        })}
      </ul>
      {rejected.length > shownAtMost ? <p className={styles.next}>{t.add.rejectedMore(count(rejected.length - shownAtMost))}</p> : null}
    </section>
  );
}

/** The last part of a path, of Windows or not. */
function fileNameOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}
