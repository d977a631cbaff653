import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import type { CheckState } from '../../client/connection-check.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import { StepList } from '../../ui/step-list.tsx';
import styles from './steps-card.module.css';
import { stepsOf } from './steps.ts';

/** What a check asks, in plain words: live while it runs, as it ended afterwards. */
export function StepsCard({ check, lastProbes }: { check: CheckState; lastProbes: readonly ProbeResult[] }) {
  const { t: { connection } } = useWording();
  const steps = check.name === 'running' ? stepsOf(check.results, false) : stepsOf(lastProbes, true);
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={connection.steps}>
      <h2 className={panel.heading}>{connection.steps}</h2>
      <StepList steps={steps.map(({ layer, state }) => ({ key: layer, state, what: connection.layers[layer], word: connection.stepStates[state] }))} />
    </section>
  );
}
