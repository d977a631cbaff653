import { BundleCard } from './bundle-card.tsx';
import { FiguresCard } from './figures-card.tsx';
import { LogCard } from './log-card.tsx';
import styles from './support-screen.module.css';

/** What somebody who helps from afar asks for: figures, the report, the log. */
export function SupportScreen() {
  return (
    <div className={styles.screen}>
      <FiguresCard />
      <BundleCard />
      <LogCard />
    </div>
  );
}
