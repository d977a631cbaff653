import { z } from 'zod';
import { keptOwnKeys } from '../account/own-keys.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { Http } from '../transport/http.ts';

const key = 'diagnosis.spaces';
const keptSchema = z.object({ gateway: z.string(), origin: z.url() });

/** Where photos lie: own keys say so; otherwise only the presigned addresses of the last uploads do. */
export interface SpacesOrigin {
  /** Of this gateway's photos, kept over a restart. */
  of(gateway: string | undefined): string | undefined;
  /** Learns from the requests that pass. */
  watch(http: Http): Http;
}

export function createSpacesOrigin(store: KeyValueStore, gateway: () => string | undefined): SpacesOrigin {
  let kept = read(store);
  const own = (at: string | undefined): string | undefined => (at === undefined ? undefined : keptOwnKeys(store, at)?.endpoint);
  return {
    of: (asked) => own(asked) ?? (kept !== undefined && kept.gateway === asked ? kept.origin : undefined),
    watch: (http) => ({
      send(request) {
        const at = gateway();
        // What is learnt while own keys are in force would be wrong as soon as they are gone.
        if (request.endpoint === 'spaces' && at !== undefined && URL.canParse(request.url) && own(at) === undefined) {
          const { origin } = new URL(request.url);
          if (kept?.origin !== origin || kept.gateway !== at) {
            kept = { gateway: at, origin };
            store.set(key, JSON.stringify(kept));
          }
        }
        return http.send(request);
      },
      forgetConnections: () => http.forgetConnections(),
      close: () => http.close(),
    }),
  };
}

function read(store: KeyValueStore): z.infer<typeof keptSchema> | undefined {
  try {
    return keptSchema.safeParse(JSON.parse(store.get(key) ?? 'null')).data;
  } catch {
    return undefined;
  }
}
