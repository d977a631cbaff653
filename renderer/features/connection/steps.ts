import { type Layer, layerSchema, type ProbeResult } from '../../../shared/domain/diagnosis.ts';
import type { StepState } from '../../ui/step-list.tsx';

export interface Step {
  layer: Layer;
  state: StepState;
}

/**
 * The layers in order, each as the probes leave it. A layer fails where something it asks about got no answer in any
 * way: a building without IPv6 is not a fault. Places that only serve for comparison do not count.
 *
 * @param finished no more results are to come
 */
export function stepsOf(results: readonly ProbeResult[], finished: boolean): Step[] {
  let someRuns = finished;
  return layerSchema.options.map((layer) => {
    const of = results.filter((result) => result.layer === layer && result.target !== 'control');
    const state = of.length === 0 ? emptyState() : stateOf(of);
    return { layer, state };
  });

  function emptyState(): StepState {
    if (finished) return 'skipped';
    if (someRuns) return 'pending';
    someRuns = true;
    return 'running';
  }
}

function stateOf(results: readonly ProbeResult[]): StepState {
  const ran = results.filter((result) => result.status === 'ran');
  if (ran.length === 0) return 'skipped';
  const asked = new Map<string, boolean>();
  for (const { kind, target, outcome } of ran) {
    const name = `${kind} ${target}`;
    asked.set(name, (asked.get(name) ?? false) || outcome === 'ok');
  }
  return [...asked.values()].every(Boolean) ? 'ok' : 'failed';
}
