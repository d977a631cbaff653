import type { Clock } from '../clock.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import type { RemoteSession } from '../transport/transport.ts';

/**
 * The session of an upload, whose time of sending does not lie in the future: where somebody has set the clock back since, the photo and
 * those behind it would be waited for as long as the clock was ahead. Written down, since now moves on.
 */
export function sentByNow(queue: UploadQueue, clock: Pick<Clock, 'now'>, { facts, remote }: UploadRecord): RemoteSession | undefined {
  if (remote?.sentAt === undefined || remote.sentAt <= clock.now()) return remote;
  const corrected = { ...remote, sentAt: clock.now() };
  queue.note(facts.id, { remote: corrected });
  return corrected;
}
