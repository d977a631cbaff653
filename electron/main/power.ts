import { net, powerMonitor, powerSaveBlocker } from 'electron';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import type { EngineHost } from './engine-host.ts';

/** Chromium tells main of no change, only of the present state; asking costs microseconds. */
const NETWORK_POLL_MS = 500;

type QueueEvent = EventPayload<EngineContract, 'queue'>;
type WakeReason = 'network-online' | 'network-offline' | 'resumed-from-sleep' | 'falling-asleep';

/** Whether the computer should stay awake: photos are on their way, and nobody paused them. */
export function mustStayAwake({ counts, transfer }: Pick<QueueEvent, 'counts' | 'transfer'>): boolean {
  return !transfer.paused && counts.uploading + counts.completing > 0;
}

/** Tells the engine what only the desktop knows, and keeps the computer from falling asleep in the middle of a photo. */
export function watchPower(host: EngineHost): void {
  const wake = (reason: WakeReason): void => {
    // A hint: an engine that is just being started looks for itself.
    if (host.state === 'running') Promise.resolve(host.calls.wake({ reason })).catch(() => undefined);
  };
  powerMonitor.on('suspend', () => wake('falling-asleep'));
  powerMonitor.on('resume', () => wake('resumed-from-sleep'));

  let online = net.isOnline();
  setInterval(() => {
    const now = net.isOnline();
    if (now === online) return;
    online = now;
    wake(online ? 'network-online' : 'network-offline');
  }, NETWORK_POLL_MS).unref();

  let blocker: number | undefined;
  const keepAwake = (awake: boolean): void => {
    if (awake && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!awake && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };
  host.onEvent((event, payload) => { if (event === 'queue') keepAwake(mustStayAwake(payload as QueueEvent)); });
  host.onState((state) => { if (state !== 'running') keepAwake(false); });
}
