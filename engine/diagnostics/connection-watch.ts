/** @file The diagnosis as a part of the engine: what it is told, and the calls and events that it answers. */
import type { ContractName, NegotiationState } from '../../shared/domain/account.ts';
import type { ConnectionSnapshot, DoctorReport } from '../../shared/domain/diagnosis.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import type { ShownLogLine } from '../../shared/domain/support.ts';
import type { EngineImplementation, Status } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { contractReport } from '../account/negotiation.ts';
import type { Clock } from '../clock.ts';
import type { EngineListener } from '../engine-types.ts';
import type { Logger } from '../logging/logger.ts';
import { logLevels, type MemoryLog } from '../logging/memory-log.ts';
import type { Database } from '../queue/database.ts';
import type { Random } from '../random.ts';
import { collectBundle, previewOf, writeBundleFile, type BundleFile } from './bundle/bundle.ts';
import { plainNames } from './bundle/names.ts';
import { safeReport } from './bundle/sanitize.ts';
import { runDoctor } from './doctor.ts';
import { controlsOf, diagnosticEnvironment, type GivenEnvironment } from './environment.ts';
import type { UploadAttempt } from './facts.ts';
import { DiagnosisHistory } from './history.ts';
import { LogFeed, toShownLine } from './log-feed.ts';
import { ConnectionMonitor, type WakeReason } from './monitor.ts';
import type { PresentToken } from './probes/session.ts';

export type ConnectionCalls = Pick<EngineImplementation, 'getConnection' | 'checkConnection' | 'previewBundle' | 'writeBundle' | 'getLog'>;

/** The engine's eye on its connection. */
export interface ConnectionWatch {
  readonly calls: ConnectionCalls;
  observe(attempt: UploadAttempt): void;
  /** A connection has been dropped while in use. */
  observeDrop(): void;
  wake(reason: WakeReason | 'falling-asleep'): void;
  setMetered(metered: boolean): void;
  /** Looks by itself from now on; not for one-off commands. */
  start(): void;
  stop(): Promise<void>;
}

/** What the engine tells of itself. */
export interface EngineFacts {
  clock: Clock;
  random: Random;
  log: Logger;
  emit: EngineListener;
  settings(): Settings;
  status(): Promise<Status> | Status;
  contract(): ContractName | undefined;
  negotiation(): NegotiationState;
  spacesOrigin(): string | undefined;
  token: PresentToken;
}

/** The engine asks for its watch with this; the simulation gives none, since it has no network to look at. */
export type MakeConnectionWatch = (facts: EngineFacts) => ConnectionWatch;

export interface ConnectionWatchOptions {
  database: Database;
  memory: MemoryLog;
  logFolder: string;
  spoolFolder: string;
  version: string;
  /** What differs from this computer's usual: Chromium's stack, an administrator's controls. */
  environment?: Partial<GivenEnvironment>;
}

/** A check that ended so recently is not made again for a bundle; what was previewed is what is written. */
const freshMs = 2 * 60_000;
const previewHoldsMs = 10 * 60_000;

export function connectionWatch(options: ConnectionWatchOptions): MakeConnectionWatch {
  const { database, memory, logFolder, spoolFolder, version } = options;
  return ({ clock, random, log, emit, settings, status, contract, negotiation, spacesOrigin, token }) => {
    const withContract = (snapshot: ConnectionSnapshot): ConnectionSnapshot => ({ ...snapshot, contract: contractReport(negotiation()) });
    const history = new DiagnosisHistory(database);
    const environment = diagnosticEnvironment({
      clock, diskFolder: spoolFolder, token,
      targets: () => ({ gateway: settings().gateway, spaces: spacesOrigin(), contract: contract() }),
      controls: () => controlsOf(settings()),
      ...options.environment,
    });
    const monitor = new ConnectionMonitor({ environment, history, random, logger: log });
    const unsubscribe = monitor.subscribe({ snapshot: (snapshot) => emit('connection', withContract(snapshot)), progress: (progress) => emit('check', progress) });
    const feed = new LogFeed(memory, (lines) => emit('log', { lines }));
    let lastReport: { report: DoctorReport; at: number } | undefined;
    let previewed: { files: BundleFile[]; at: number } | undefined;

    async function check(): Promise<DoctorReport> {
      const { diagnosis, probes } = await monitor.check();
      const shown = monitor.snapshot().diagnosis;
      const since = shown?.code === diagnosis.code ? shown.since : diagnosis.since;
      const report: DoctorReport = { schema_version: 1, diagnosis: { ...diagnosis, since }, probes, contract: contractReport(negotiation()) };
      lastReport = { report, at: clock.monotonic() };
      return report;
    }

    const recentReport = (): Promise<DoctorReport> => (
      lastReport && clock.monotonic() - lastReport.at < freshMs ? Promise.resolve(lastReport.report) : check());

    async function collect(): Promise<BundleFile[]> {
      // Several parts tell of the check; they share one.
      let doctor: Promise<DoctorReport> | undefined;
      return collectBundle({
        clock, platform: environment.platform, version, logFolder, history, status, settings, contract: () => contractReport(negotiation()),
        doctor: () => (doctor ??= recentReport()),
        recentLines: () => memory.lines().map(toShownLine), runCommand: environment.runCommand,
      });
    }

    return {
      calls: {
        getConnection: () => withContract(monitor.snapshot()),
        checkConnection: async ({ only }) => {
          if (only === undefined) return safeReport(await check(), plainNames);
          const { report } = await runDoctor(environment, { only, known: history.known(clock.now()), onProgress: (progress) => emit('check', progress) });
          return safeReport({ ...report, contract: contractReport(negotiation()) }, plainNames);
        },
        previewBundle: async () => {
          previewed = { files: await collect(), at: clock.monotonic() };
          return previewOf(previewed.files);
        },
        writeBundle: async ({ file }) => {
          const files = previewed && clock.monotonic() - previewed.at < previewHoldsMs ? previewed.files : await collect();
          try {
            return { sizeBytes: await writeBundleFile(file, files) };
          } catch (error) {
            throw new CallError('not-possible-now', (error as NodeJS.ErrnoException).code ?? 'unknown');
          }
        },
        getLog: ({ level, search, limit }) => {
          const least = logLevels.indexOf(level);
          const wanted = search.trim().toLowerCase();
          const found: ShownLogLine[] = [];
          for (const line of memory.lines().reverse()) {
            if (logLevels.indexOf(line.level) < least) continue;
            const shown = toShownLine(line);
            if (wanted && !`${shown.event} ${JSON.stringify(shown.fields)}`.toLowerCase().includes(wanted)) continue;
            if (found.push(shown) >= limit) break;
          }
          return { lines: found };
        },
      },
      observe: (attempt) => monitor.observe(attempt),
      observeDrop: () => monitor.observeDrop(),
      wake: (reason) => {
        if (reason === 'falling-asleep') monitor.setAsleep(true);
        else monitor.wake(reason);
      },
      setMetered: (metered) => monitor.setMetered(metered),
      start: () => monitor.start(),
      async stop() {
        feed.close();
        unsubscribe();
        await monitor.stop();
      },
    };
  };
}

/** For an engine that has no network of its own to look at. */
export const noConnectionWatch: MakeConnectionWatch = () => {
  const never = (): never => { throw new CallError('not-possible-now'); };
  return {
    calls: { getConnection: never, checkConnection: never, previewBundle: never, writeBundle: never, getLog: () => ({ lines: [] }) },
    observe: () => undefined, observeDrop: () => undefined, wake: () => undefined, setMetered: () => undefined, start: () => undefined, stop: () => Promise.resolve(),
  };
};
