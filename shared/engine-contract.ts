import { z } from 'zod';
import { accountStateSchema, knownPersonSchema, limitsSchema, negotiationStateSchema, patientSchema, presentPhotoSchema } from './domain/account.ts';
import { connectionSnapshotSchema, diagnosisCodeSchema, doctorReportSchema, runProgressSchema } from './domain/diagnosis.ts';
import { failureSchema } from './domain/failure.ts';
import { patientIdSchema, timestampSchema, uploadIdSchema } from './domain/ids.ts';
import { ingestOutcomeSchema, ingestProgressSchema } from './domain/ingest.ts';
import { networkStateSchema } from './domain/network.ts';
import { ownKeysInputSchema, ownKeysSchema, ownKeysTestSchema } from './domain/own-keys.ts';
import { bundlePreviewSchema, logLevelSchema, logLineSchema } from './domain/support.ts';
import { settingNameSchema, settingsChangesSchema, settingsSchema } from './domain/settings.ts';
import { queueCountsSchema, uploadEventSchema, uploadItemSchema } from './domain/upload.ts';
import type { Client, Contract, Implementation } from './rpc/contract.ts';

/** How the queue is narrowed in a list; `sending` and `waiting` each hold several states. */
export const queueFilterSchema = z.enum(['all', 'sending', 'waiting', 'attention', 'completed', 'cancelled']);
export type QueueFilter = z.infer<typeof queueFilterSchema>;

const addOptionsSchema = z.object({
  /** Chosen by the caller, named in the `ingest` events of this call. */
  batchId: z.string().min(1).max(100),
  patientId: patientIdSchema,
  note: z.string().max(2000).optional(),
  tags: z.array(z.string().max(100)).max(20).optional(),
  priority: z.enum(['high', 'normal', 'low']).optional(),
});

export const transferSchema = z.object({
  /** Bytes a second over the last few seconds. */
  bytesPerSecond: z.number().nonnegative(),
  /** Bytes of everything that is not sent, cancelled or in need of attention. */
  remainingBytes: z.number().nonnegative(),
  /** Absent while nothing moves. */
  secondsLeft: z.number().nonnegative().optional(),
  /** Paused as a whole, by a person. */
  paused: z.boolean(),
  /** Why nothing is sent although nobody paused it: the network is a metered one, or it is in doubt which contract the gateway keeps. */
  hold: z.enum(['metered', 'contract']).optional(),
});
export type Transfer = z.infer<typeof transferSchema>;

export const statusSchema = z.object({
  counts: queueCountsSchema,
  transfer: transferSchema,
  account: accountStateSchema,
  /** Of the uploads completed in the last 24 h; durations in milliseconds from first byte to completed. */
  uploads: z.object({
    completed: z.number().int(),
    perMinute: z.number(),
    averageMs: z.number().optional(),
    p50Ms: z.number().optional(),
    p95Ms: z.number().optional(),
    p99Ms: z.number().optional(),
    /** Failed tries ÷ tries. */
    errorRate: z.number(),
    lastFailure: failureSchema.extend({ at: timestampSchema }).optional(),
  }),
  oldestWaitingAt: timestampSchema.optional(),
  uptimeMs: z.number(),
  /** Where photos lie until they are sent; absent where the system does not say. `low`: 80 % or more of it is used. */
  disk: z.object({ freeBytes: z.number().nonnegative(), totalBytes: z.number().nonnegative(), low: z.boolean() }).optional(),
  /** When the queue's database was last found damaged, kept aside, and filled again from the sealed photos. */
  queueReplacedAt: timestampSchema.optional(),
  /** Photos of an earlier version that nobody can send, because nothing tells their gateway: an administrator has to. Absent where there are none. */
  withoutGateway: z.number().int().positive().optional(),
  /** The file of settings that an administrator deploys: `unreadable` means that it is there and nothing of it is in force. */
  administratorFile: z.enum(['none', 'in-force', 'unreadable']).optional(),
  /** Where the key of the data at rest comes from. */
  keySource: z.enum(['keychain', 'environment', 'key-file']),
});
export type Status = z.infer<typeof statusSchema>;

export const syncResultSchema = z.object({
  completed: z.number().int(),
  waiting: z.number().int(),
  needsAttention: z.number().int(),
  bytes: z.number(),
  seconds: z.number(),
});
export type SyncResult = z.infer<typeof syncResultSchema>;

export const queuePageSchema = z.object({
  items: z.array(uploadItemSchema),
  /** Give as `before` to get the next, older page; absent on the last. */
  next: z.number().int().optional(),
  total: z.number().int(),
});
export type QueuePage = z.infer<typeof queuePageSchema>;

const byId = z.object({ id: uploadIdSchema });
const nothing = z.void();

/**
 * Everything that a window or the command line can ask of the engine.
 * A call fails only with a `CallError`; see `rpc/call-error.ts` for the codes.
 */
export const engineContract = {
  methods: {
    getStatus: { input: nothing, output: statusSchema },
    getAccount: { input: nothing, output: accountStateSchema },
    /** Fails with `wrong-credentials`, `network`, `server` or `no-gateway`. */
    signIn: { input: z.object({ email: z.string().min(1).max(500), password: z.string().min(1).max(1000) }), output: accountStateSchema },
    /** Forgets the tokens. The queue stays, sealed, for its owner. */
    signOut: { input: nothing, output: accountStateSchema },
    getLimits: { input: nothing, output: limitsSchema.optional() },
    /** Which contract the gateway in force speaks, and what came of asking it last. */
    getNegotiation: { input: nothing, output: negotiationStateSchema },
    /** Who has signed in on this computer, the latest first. */
    getPeople: { input: nothing, output: z.object({ people: z.array(knownPersonSchema) }) },
    /** Shows nothing of patients in a window until `unlock`. Sending goes on. */
    lock: { input: nothing, output: accountStateSchema },
    /** By the password of whoever is signed in; works without a network. Fails with `wrong-credentials`, `too-many-tries`, `not-signed-in`. */
    unlock: { input: z.object({ password: z.string().min(1).max(1000) }), output: accountStateSchema },
    /** Somebody is using the window: puts off its locking. */
    noteActivity: { input: nothing, output: nothing },

    /** Searches the list kept on this computer, ignoring case and accents; refreshed in the background. */
    searchPatients: {
      input: z.object({ text: z.string().max(200).default(''), limit: z.number().int().min(1).max(1000).default(200), refresh: z.boolean().default(false) }),
      output: z.object({ patients: z.array(patientSchema), total: z.number().int(), fetchedAt: timestampSchema.optional() }),
    },

    /** The photo that would be replaced, where the contract in force keeps one photo of each patient. Never fails for the network. */
    getPresentPhoto: { input: z.object({ patientId: patientIdSchema }), output: presentPhotoSchema },

    /** Takes files and folders (walked) into the queue; answers when every one is sealed or rejected. */
    addFiles: {
      input: addOptionsSchema.extend({ paths: z.array(z.string().min(1).max(8192)).min(1).max(100_000) }),
      output: z.object({ outcomes: z.array(ingestOutcomeSchema) }),
    },
    /** The same for bytes without a file, as they come from the clipboard. */
    addBytes: {
      input: addOptionsSchema.extend({ fileName: z.string().min(1).max(1024), bytes: z.instanceof(Uint8Array) }),
      output: ingestOutcomeSchema,
    },

    getQueuePage: {
      input: z.object({ filter: queueFilterSchema.default('all'), before: z.number().int().optional(), limit: z.number().int().min(1).max(500).default(100) }),
      output: queuePageSchema,
    },
    /** Fails with `not-found`. */
    getUpload: { input: byId, output: z.object({ item: uploadItemSchema, story: z.array(uploadEventSchema) }) },
    pauseQueue: { input: nothing, output: nothing },
    resumeQueue: { input: nothing, output: nothing },
    /** These four fail with `not-found`, or `not-possible-now` where the state does not allow it. */
    pauseUpload: { input: byId, output: uploadItemSchema },
    resumeUpload: { input: byId, output: uploadItemSchema },
    retryUpload: { input: byId, output: uploadItemSchema },
    cancelUpload: { input: byId, output: uploadItemSchema },
    /** Sends until nothing more can be sent now, or the time is over. */
    sync: { input: z.object({ timeoutSeconds: z.number().positive().max(86_400).optional() }).default({}), output: syncResultSchema },

    setThumbnail: { input: byId.extend({ bytes: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= 65_536) }), output: nothing },
    getThumbnail: { input: byId, output: z.object({ bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array).optional() }) },

    getSettings: { input: nothing, output: settingsSchema },
    /** A name given as `undefined` goes back to what holds without a person's choice. Fails with `set-by-administrator`. */
    changeSettings: { input: settingsChangesSchema, output: settingsSchema },
    /** Settings that an administrator has fixed for this computer. */
    getFixedSettings: { input: nothing, output: z.object({ names: z.array(settingNameSchema) }) },

    /** The clinic's own Spaces keys, without the secret; absent where there are none. */
    getOwnKeys: { input: nothing, output: z.object({ ownKeys: ownKeysSchema.optional() }) },
    /** Writes, reads and deletes a small object of its own. Never fails for the network or the store: the steps say so. */
    testOwnKeys: { input: ownKeysInputSchema, output: ownKeysTestSchema },
    /** Tests them, and keeps and uses them from now on if they passed. */
    saveOwnKeys: { input: ownKeysInputSchema, output: ownKeysTestSchema.extend({ saved: z.boolean() }) },
    /** Photos go through the gateway again. */
    removeOwnKeys: { input: nothing, output: nothing },

    getNetwork: { input: nothing, output: networkStateSchema },
    /** Keeps the sign-in for the proxy, sealed; without one, forgets it. */
    setProxySignIn: { input: z.object({ signIn: z.object({ user: z.string().min(1).max(500), password: z.string().max(1000) }).optional() }), output: networkStateSchema },
    /** Sends although the network is metered, until another network comes. */
    sendDespiteMetered: { input: nothing, output: networkStateSchema },

    /** What the connection panel shows, as last known; asks nobody. */
    getConnection: { input: nothing, output: connectionSnapshotSchema },
    /** The full check, told step by step by `check` events; ends within 45 s. `only`: whether it is this one, with the probes that it needs. */
    checkConnection: { input: z.object({ only: diagnosisCodeSchema.optional() }).default({}), output: doctorReportSchema },
    /** What a support bundle would hold now, and what it leaves out. */
    previewBundle: { input: nothing, output: bundlePreviewSchema },
    /** Writes the bundle, a zip. Fails with `not-possible-now` where the file cannot be written. */
    writeBundle: { input: z.object({ file: z.string().min(1).max(8192) }), output: z.object({ sizeBytes: z.number().int() }) },
    /** The newest lines of the redacted log, newest first. */
    getLog: {
      input: z.object({ level: logLevelSchema.default('info'), search: z.string().max(200).default(''), limit: z.number().int().min(1).max(2_000).default(500) }),
      output: z.object({ lines: z.array(logLineSchema) }),
    },

    /** A hint from whoever knows: the network came back, or the computer woke. Waiting uploads start at once. */
    wake: { input: z.object({ reason: z.enum(['network-online', 'network-offline', 'resumed-from-sleep', 'falling-asleep']) }), output: nothing },
  },
  events: {
    /** At most four times a second. `items` are the rows that changed since the last one, at most 200; more means: read the page again. */
    queue: z.object({ counts: queueCountsSchema, transfer: transferSchema, items: z.array(uploadItemSchema), more: z.boolean() }),
    ingest: ingestProgressSchema,
    account: accountStateSchema,
    settings: settingsSchema,
    network: networkStateSchema,
    connection: connectionSnapshotSchema,
    check: runProgressSchema,
    /** Lines as they are written, at most four batches a second. */
    log: z.object({ lines: z.array(logLineSchema) }),
  },
} as const satisfies Contract;

export type EngineContract = typeof engineContract;
export type EngineClient = Client<EngineContract>;
export type EngineImplementation = Implementation<EngineContract>;
