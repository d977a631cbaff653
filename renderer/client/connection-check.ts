import type { ProbeResult, RunProgress } from '../../shared/domain/diagnosis.ts';
import type { RelevoClient } from './relevo-client.ts';

/** The full check that somebody asked for in this window. */
export type CheckState =
  | { name: 'idle' }
  | { name: 'running'; runId?: string; done: number; total: number; results: readonly ProbeResult[] }
  | { name: 'failed' };

/** Only what belongs to the check that is asked for here: the engine also tells of those it makes by itself. */
export function followCheck(state: CheckState, progress: RunProgress): CheckState {
  if (state.name !== 'running' || (state.runId !== undefined && state.runId !== progress.runId)) return state;
  return {
    name: 'running',
    runId: progress.runId,
    done: progress.done,
    total: progress.total,
    results: progress.latest ? [...state.results, progress.latest] : state.results,
  };
}

/** Runs the full check; asking again while one runs changes nothing. What it found comes as the new snapshot. */
export async function checkNow(client: RelevoClient): Promise<void> {
  if (client.check.get().name === 'running') return;
  client.check.set({ name: 'running', done: 0, total: 0, results: [] });
  try {
    await client.call.checkConnection();
    client.connection.set(await client.call.getConnection());
    client.check.set({ name: 'idle' });
  } catch {
    client.check.set({ name: 'failed' });
  }
}
