import { IconCircle, IconCircleCheck, IconCircleX, IconLoader, IconMinus } from '@tabler/icons-react';
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import type { CheckState } from '../../client/connection-check.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import type { Icon } from '../../ui/upload-state.tsx';
import styles from './steps-card.module.css';
import { type StepState, stepsOf } from './steps.ts';

const icons: Record<StepState, Icon> = { ok: IconCircleCheck, failed: IconCircleX, running: IconLoader, pending: IconCircle, skipped: IconMinus };

/** What a check asks, in plain words: live while it runs, as it ended afterwards. */
export function StepsCard({ check, lastProbes }: { check: CheckState; lastProbes: readonly ProbeResult[] }) {
  const { t: { connection } } = useWording();
  const steps = check.name === 'running' ? stepsOf(check.results, false) : stepsOf(lastProbes, true);
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={connection.steps}>
      <h2 className={panel.heading}>{connection.steps}</h2>
      <ol className={styles.steps}>
        {steps.map(({ layer, state }) => {
          const Mark = icons[state];
          return (
            <li key={layer} className={styles.step} data-state={state}>
              <Mark size={17} stroke={2} className={styles.mark} aria-hidden />
              <span className={styles.what}>{connection.layers[layer]}</span>
              <span className={styles.state}>{connection.stepStates[state]}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
