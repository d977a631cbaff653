import { assertNever } from '../../shared/assert-never.ts';
import { uploadStateNames, type UploadItem, type UploadState } from '../../shared/domain/upload.ts';
import type { Status } from '../../shared/engine-contract.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, formatRelativeTime, formatSpeed } from '../../shared/texts/format.ts';
import { failureText } from '../../shared/texts/failures.ts';
import type { CommandContext } from '../context.ts';
import type { EngineSession } from '../engine-session.ts';
import { exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { table } from '../table.ts';

const pageSize = 500;
/** More rows than this are of no use to a person; a script gets all. */
const rowsForPeople = 200;

/** Newest first, page by page, so that a long queue is never held whole by the engine. */
async function readItems(engine: EngineSession, limit: number): Promise<{ items: UploadItem[]; total: number }> {
  const items: UploadItem[] = [];
  let total = 0;
  let before: number | undefined;
  do {
    const page = await engine.call.getQueuePage({ limit: Math.min(pageSize, limit - items.length), ...(before === undefined ? {} : { before }) });
    items.push(...page.items);
    total = page.total;
    before = page.next;
  } while (before !== undefined && items.length < limit);
  return { items, total };
}

/** The state in a few words, with its reason. */
export function describeState(context: CommandContext, state: UploadState, now: number): string {
  const { texts, language } = context;
  const name = texts.states[state.name];
  switch (state.name) {
    case 'queued': case 'uploading': case 'completing': case 'completed': case 'paused': case 'cancelled': return name;
    case 'waiting': return `${name}: ${failureText(language, state.failure).what} (${texts.retriesAt(formatRelativeTime(language, Math.max(state.retryAt, now), now))})`;
    case 'blocked': return `${name}: ${state.failure ? failureText(language, state.failure).what : texts.blocked[state.by]}`;
    case 'needsAttention': return `${name}: ${failureText(language, state.failure).what}`;
    default: return assertNever(state);
  }
}

function summary(context: CommandContext, status: Status, now: number): string {
  const { texts, language } = context;
  const { account, counts, transfer, uploads } = status;
  const states = uploadStateNames.filter((name) => counts[name] > 0).map((name) => `${formatCount(language, counts[name])} ${texts.counted(counts[name], name)}`);
  if (transfer.paused) states.push(texts.status.paused);
  const limits = account.name === 'signedOut' ? undefined : account.limits;
  const rows: string[][] = [
    [texts.status.account, account.name === 'signedOut' ? [texts.status.notSignedIn, account.gateway].filter(Boolean).join(' · ')
      : [printable(account.person.name), account.gateway, ...(account.name === 'expired' ? [texts.status.expired] : [])].join(' · ')],
    ...(limits ? [[texts.status.contract, `${texts.status.contracts[limits.contract]} · ${texts.status.upTo(formatBytes(language, limits.maxFileBytes))}`]] : []),
    [texts.status.queue, states.join(' · ') || texts.status.empty],
    [texts.status.remaining, [
      formatBytes(language, transfer.remainingBytes),
      ...(transfer.bytesPerSecond > 0 ? [formatSpeed(language, transfer.bytesPerSecond)] : []),
      ...(transfer.secondsLeft === undefined ? [] : [texts.status.left(formatDuration(language, transfer.secondsLeft * 1000))]),
    ].join(' · ')],
    ...(status.oldestWaitingAt === undefined ? [] : [[texts.status.oldest, formatRelativeTime(language, status.oldestWaitingAt, now)]]),
    [texts.status.lastDay, texts.status.figures({
      completed: uploads.completed,
      perMinute: new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(uploads.perMinute),
      median: uploads.p50Ms === undefined ? undefined : formatDuration(language, uploads.p50Ms),
      p95: uploads.p95Ms === undefined ? undefined : formatDuration(language, uploads.p95Ms),
      errors: formatPercent(language, uploads.errorRate),
    })],
    ...(uploads.lastFailure ? [[texts.status.lastFailure, `${failureText(language, uploads.lastFailure).what} (${formatRelativeTime(language, uploads.lastFailure.at, now)})`]] : []),
    ...(status.disk ? [[texts.status.disk, texts.status.free(formatBytes(language, status.disk.freeBytes), formatBytes(language, status.disk.totalBytes), status.disk.low)]] : []),
    ...(status.queueReplacedAt === undefined ? [] : [['', texts.status.queueReplaced(formatRelativeTime(language, status.queueReplacedAt, now))]]),
    ...(status.withoutGateway === undefined ? [] : [['', texts.status.withoutGateway(status.withoutGateway)]]),
    [texts.status.key, texts.status.keys[status.keySource]],
    ...(status.administratorFile === 'unreadable' ? [['', texts.status.administratorFile]] : []),
  ];
  return table(rows);
}

function itemTable(context: CommandContext, items: readonly UploadItem[], now: number): string {
  const { columns } = context.texts.status;
  return table([
    [columns.id, columns.size, columns.tries, columns.file, columns.patient, columns.state],
    ...items.map((item) => [
      item.id, formatBytes(context.language, item.sizeBytes), String(item.tries), printable(item.fileName), printable(item.patientName), describeState(context, item.state, now),
    ]),
  ], [{}, { align: 'right' }, { align: 'right' }]);
}

export async function status(context: CommandContext, options: { items?: boolean; limit?: number }): Promise<number> {
  const limit = options.limit ?? (context.json ? Infinity : rowsForPeople);
  const { now, listed } = await context.withEngine(async (engine) => ({
    now: await engine.call.getStatus(),
    listed: options.items ? await readItems(engine, limit) : undefined,
  }));
  const at = Date.now();
  context.print(summary(context, now, at));
  if (listed && listed.items.length > 0) {
    context.print(`\n${itemTable(context, listed.items, at)}`);
    if (listed.total > listed.items.length) context.print(context.texts.status.more(listed.total - listed.items.length));
  }
  context.printJson('status', { ...now, ...(listed ? { items: listed.items, itemsTotal: listed.total } : {}) });
  return exitCodes.ok;
}
