import { createHash, randomUUID } from 'node:crypto';
import { HttpError } from './http.ts';
import { createMemoryServer, createMemoryTransport } from './memory.ts';
import { describeTransport } from './transport-conformance.ts';

describeTransport('memory', async () => {
  const server = createMemoryServer();
  const clock = { now: () => Date.now() };
  const make = () => createMemoryTransport({ server, clock, limits: { partBytes: 1000 } });
  const steps = { open: 'open', part: 'sendPart', complete: 'complete' } as const;
  return {
    transport: make(),
    restarted: make,
    freshPatient: () => randomUUID(),
    sizes: { small: 900, large: 2500 },
    loseAnswer(step) {
      server.intercept = (at, when) => {
        if (at !== steps[step] || when === 'before') return;
        server.intercept = () => undefined;
        throw new HttpError({ reason: 'reset', endpoint: 'gateway', requestSent: true });
      };
    },
    storedSha256: async (key) => createHash('sha256').update(server.objects.get(key) ?? '').digest('hex'),
    copies: async (photo) => [...server.uploads.values()].filter(({ photoId, state }) => photoId === photo.id && state === 'completed').length,
    unfinished: async () => [...server.uploads.values()].filter(({ state, parts }) => state === 'aborted' && parts.size > 0).length,
    endSession: async ({ sessionId }) => {
      const upload = server.uploads.get(sessionId);
      if (upload) upload.state = 'expired';
    },
    tamper: async (key) => { server.objects.set(key, Buffer.from(server.objects.get(key) ?? []).reverse()); },
    close: async () => undefined,
  };
});
