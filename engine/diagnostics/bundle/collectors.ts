/** @file What goes into a support bundle, each part gathered by itself. Nothing here writes to the disk. */
import { readdir, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import type { ContractReport } from '../../../shared/domain/account.ts';
import type { DoctorReport } from '../../../shared/domain/diagnosis.ts';
import type { Settings } from '../../../shared/domain/settings.ts';
import { logLineSchema, type ShownLogLine } from '../../../shared/domain/support.ts';
import { diagnosisText } from '../../../shared/texts/diagnoses.ts';
import type { Status } from '../../../shared/engine-contract.ts';
import type { Clock } from '../../clock.ts';
import type { LogFields } from '../../logging/logger.ts';
import { redactFields } from '../../logging/redact.ts';
import type { DiagnosisHistory } from '../history.ts';
import type { RunCommand } from '../probes/run-command.ts';
import type { Names } from './names.ts';
import { safeContract, safeFailure, safeProbe, safeReport } from './sanitize.ts';
import { safeWords } from './words.ts';

export interface BundleSources {
  clock: Clock;
  platform: NodeJS.Platform;
  /** The product's. */
  version: string;
  logFolder: string;
  /** A full check, or the one that has just ended. */
  doctor(): Promise<DoctorReport>;
  history: DiagnosisHistory;
  status(): Promise<Status> | Status;
  /** Which way photos take to the store. */
  contract(): ContractReport;
  settings(): Settings;
  /** Lines that are in memory; they are used where the files cannot be read. */
  recentLines(): readonly ShownLogLine[];
  runCommand: RunCommand;
}

export interface Collector {
  name: string;
  path: string;
  limitMs: number;
  collect(sources: BundleSources, names: Names): Promise<string>;
}

const commandLimitMs = 4_000;
/** Of the newest log lines; the rest is rarely of use, and a person is to read what is sent. */
const mostLogLines = 5_000;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Programs and parameters, none of which holds a name; run without a shell. */
const commands: Partial<Record<NodeJS.Platform, readonly (readonly [string, ...string[]])[]>> = {
  linux: [['ip', 'route', 'show'], ['ip', '-6', 'route', 'show'], ['ip', 'neigh', 'show']],
  darwin: [['netstat', '-rn'], ['arp', '-an']],
  win32: [['route', 'print'], ['arp', '-a']],
};

async function networkCommands({ platform, runCommand }: BundleSources, names: Names): Promise<string> {
  const outputs = await Promise.all((commands[platform] ?? []).map(async ([file, ...parameters]) => {
    const outcome = await runCommand(file, parameters, commandLimitMs);
    const said = outcome.name === 'done' ? `exit code ${outcome.code}\n${safeWords(outcome.stdout, names)}${safeWords(outcome.stderr, names)}` : `${outcome.name}\n`;
    return `$ ${[file, ...parameters].join(' ')}\n${said}`;
  }));
  return outputs.join('\n');
}

/** Once more through the redactor: a line that an older version wrote may hold what is left out today. */
function safeLine(line: ShownLogLine, names: Names): string | undefined {
  if (!/^[a-z0-9][a-z0-9.-]{0,80}$/i.test(line.event)) return undefined;
  const fields: LogFields = redactFields(line.fields);
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string') continue;
    fields[name] = value
      .replace(/\b((?:https?|wss?|s3):\/\/)([^\s/?#]+)/gi, (_all, scheme: string, host: string) => scheme + names('host', host))
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, (address) => names('address', address));
  }
  return JSON.stringify({ at: new Date(line.at).toISOString(), level: line.level, event: line.event, ...fields });
}

async function log({ logFolder, recentLines }: BundleSources, names: Names): Promise<string> {
  const files = (await readdir(logFolder).catch(() => [])).filter((name) => /^relevo(?:\.\d+)?\.log$/.test(name)).sort().reverse();
  const texts = await Promise.all(files.map((name) => readFile(join(logFolder, name), 'utf8').catch(() => '')));
  const written = texts.join('').split('\n').flatMap((text): ShownLogLine[] => {
    try {
      const { at, level, event, ...fields } = JSON.parse(text) as Record<string, unknown>;
      const parsed = logLineSchema.safeParse({ at: Date.parse(String(at)), level, event, fields });
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
  const lines = written.length > 0 ? written : recentLines();
  return lines.slice(-mostLogLines).flatMap((line) => safeLine(line, names) ?? []).map((line) => `${line}\n`).join('');
}

async function queue({ status, contract }: BundleSources): Promise<string> {
  const { counts, transfer, uploads, oldestWaitingAt, uptimeMs, keySource, account, disk, queueReplacedAt } = await status();
  return json({
    counts, transfer, uptimeMs, keySource, oldestWaitingAt, queueReplacedAt, disk, signedIn: account.name,
    contract: safeContract(contract()),
    uploads: { ...uploads, ...(uploads.lastFailure ? { lastFailure: { ...safeFailure(uploads.lastFailure), at: uploads.lastFailure.at } } : {}) },
  });
}

async function report({ doctor, status, contract, version, platform, clock }: BundleSources, names: Names): Promise<string> {
  const { diagnosis } = safeReport(await doctor(), names);
  const { counts, uploads, uptimeMs } = await status();
  const text = diagnosisText('en', diagnosis.code, diagnosis.params);
  return [
    '# Relevo support report', '', `- made: ${new Date(clock.now()).toISOString()}`, `- version: ${version} on ${platform}`,
    `- running for: ${Math.round(uptimeMs / 60_000)} min`, '',
    `## ${diagnosis.code} (${diagnosis.severity}, ${diagnosis.certainty})`, '', text.sentence, '', text.support, '',
    `Since ${new Date(diagnosis.since).toISOString()}.${diagnosis.overlays.length > 0 ? ` Also: ${diagnosis.overlays.join(', ')}.` : ''}`, '',
    ...diagnosis.evidence.map(({ layer, target, source, says }) => `- ${[layer, target, source].filter(Boolean).join(' ')}: ${says}`), '',
    '## Contract', '', ...contractLines(safeContract(contract())), '',
    '## Queue', '', ...Object.entries(counts).map(([state, count]) => `- ${state}: ${count}`), '',
    `Of the last 24 h: ${uploads.completed} completed, ${uploads.perMinute.toFixed(2)} a minute, failed tries ${(uploads.errorRate * 100).toFixed(1)} %.`, '',
    'Names of the network are tokens that hold within this bundle only. Patients, file names, notes, photos, accounts, tokens and texts of servers are not in it.', '',
  ].join('\n');
}

function contractLines({ contract, since, lastAsked, doubtedSince }: ContractReport): string[] {
  const at = (moment: number): string => new Date(moment).toISOString();
  return [
    `- in force: ${contract ?? 'unknown'}${since === undefined ? '' : ` since ${at(since)}`}`,
    ...(lastAsked ? [`- asked last ${at(lastAsked.at)}: ${lastAsked.name === 'learnt' ? lastAsked.contract : `unclear, ${lastAsked.detail}`}`] : []),
    ...(doubtedSince === undefined ? [] : [`- in doubt since ${at(doubtedSince)}: nothing is sent through the gateway until it was asked again`]),
  ];
}

export const collectors: readonly Collector[] = [
  { name: 'report', path: 'report.md', limitMs: 60_000, collect: report },
  { name: 'doctor', path: 'doctor.json', limitMs: 60_000, collect: async ({ doctor }, names) => json(safeReport(await doctor(), names)) },
  {
    name: 'history', path: 'history.json', limitMs: 10_000,
    collect: async ({ history, clock }, names) => json({
      changes: history.changes(), latency: history.latency(clock.now()).map(({ points, ...rest }) => ({ ...rest, points: points.length })),
      attempts: history.attempts().map(({ uploadId: _, failure, ...attempt }) => ({ ...attempt, ...(failure ? { failure: safeFailure(failure) } : {}) })),
      probes: history.results().map((probe) => safeProbe(probe, names)),
    }),
  },
  { name: 'queue', path: 'queue.json', limitMs: 10_000, collect: queue },
  { name: 'log', path: 'log.jsonl', limitMs: 10_000, collect: log },
  {
    name: 'settings', path: 'settings.json', limitMs: 10_000,
    collect: async ({ settings }, names) => {
      const { language, theme, concurrency, gateway, proxy, meteredNetwork, onMetered, meteredLimit, bandwidthLimit } = settings();
      const url = gateway === undefined ? undefined : new URL(gateway);
      const way = proxy === 'system' || proxy === 'none' ? proxy : 'address';
      return json({ language, theme, concurrency, proxy: way, meteredNetwork, onMetered, meteredLimit, bandwidthLimit, ...(url ? { gateway: { protocol: url.protocol, host: names('host', url.hostname), port: url.port || undefined } } : {}) });
    },
  },
  {
    name: 'versions', path: 'versions.json', limitMs: 10_000,
    collect: async ({ version, platform }) => json({
      relevo: version, platform, architecture: process.arch, system: safeRelease(release()), node: process.versions.node, electron: process.versions.electron, openssl: process.versions.openssl,
    }),
  },
  { name: 'network', path: 'network.txt', limitMs: 20_000, collect: networkCommands },
];

/** A self-made kernel may be named after its maker. */
function safeRelease(text: string): string {
  return /^\d+(?:\.\d+)*/.exec(text)?.[0] ?? '';
}
