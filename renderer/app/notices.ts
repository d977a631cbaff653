import type { NetworkState } from '../../shared/domain/network.ts';
import type { Transfer } from '../../shared/engine-contract.ts';
import type { EngineState } from '../client/relevo-client.ts';
import type { Health } from './use-health.ts';

/** What stands above every screen, the most important first. */
export type NoticeName = 'restarting' | 'stopped' | 'lost' | 'expired' | 'proxy-asks' | 'metered' | 'contract' | 'disk-low' | 'queue-replaced';

/** More would push away what the window is for; the next one comes when one of these has gone. */
const shownAtMost = 2;

export interface NoticeFacts {
  engine: EngineState;
  /** Pictures of this person that were not taken in. */
  lost: number;
  expired: boolean;
  network: Pick<NetworkState, 'proxyAsks' | 'hold'> | undefined;
  hold: Transfer['hold'];
  health: Health;
  dismissed: ReadonlySet<string>;
}

export function noticesFor({ engine, lost, expired, network, hold, health, dismissed }: NoticeFacts): NoticeName[] {
  if (engine === 'starting') return ['restarting'];
  if (engine === 'failed') return ['stopped'];
  const notices: NoticeName[] = [];
  if (lost > 0) notices.push('lost');
  if (expired) notices.push('expired');
  if (network?.proxyAsks) notices.push('proxy-asks');
  if (network?.hold === 'metered') notices.push('metered');
  if (hold === 'contract') notices.push('contract');
  if (health.disk?.low && !dismissed.has('disk-low')) notices.push('disk-low');
  if (health.queueReplacedAt !== undefined && !dismissed.has(dismissalOf('queue-replaced', health))) notices.push('queue-replaced');
  return notices.slice(0, shownAtMost);
}

/** What is remembered of a notice that somebody has read. A queue that is replaced again is another event. */
export function dismissalOf(name: 'disk-low' | 'queue-replaced', { queueReplacedAt }: Health): string {
  return name === 'queue-replaced' ? `queue-replaced ${queueReplacedAt}` : name;
}
