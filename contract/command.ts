import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { systemClock, type Clock } from '../engine/clock.ts';
import { createNodeHttp } from '../engine/transport/node-http.ts';
import { compareRecords } from './compare.ts';
import { readOptions, UsageError, type ContractOptions } from './options.ts';
import { contractRecordSchema, type ContractRecord } from './recorder.ts';
import { closingTable, jsonReport, passed } from './report.ts';
import { runContract } from './run.ts';
import { contractTexts } from './texts.ts';

/** The world around one run. */
export interface ContractIo {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  environment: Readonly<Record<string, string | undefined>>;
  /** Aborts when a person has had enough: the patient's photo is put back all the same. */
  signal: AbortSignal;
  /** Default: the computer's. */
  clock?: Clock;
}

const exitCodes = { kept: 0, broken: 1, usage: 2, interrupted: 130 };

/** `npm run contract`, without the process. @returns its exit code */
export async function contractCommand(args: readonly string[], io: ContractIo): Promise<number> {
  try {
    const options = readOptions(args, io.environment);
    if ('help' in options) {
      io.stdout.write(contractTexts[options.help].help);
      return exitCodes.kept;
    }
    return await run(options, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return exitCodes.usage;
  }
}

async function run(options: ContractOptions, io: ContractIo): Promise<number> {
  const { gateway, email, patientId, compare, json, language } = options;
  const texts = contractTexts[language];
  // Before anything is asked: a wrong name should not cost a run.
  const earlier = compare === undefined ? undefined : await readRecord(compare, texts.usage.noRecord(compare));
  const password = options.password ?? await readPassword(io.stdin);
  if (password === '') throw new UsageError(texts.usage.password);
  const file = resolve(options.record);
  const http = createNodeHttp();
  const interrupted = (): void => { io.stderr.write(`${texts.interrupting}\n`); };
  io.signal.addEventListener('abort', interrupted, { once: true });
  try {
    const report = await runContract({
      gateway, email, password, http, clock: io.clock ?? systemClock, signal: io.signal, patientId, copies: resolve(options.copies),
      onSettling: () => { io.stderr.write(`${texts.settling}\n`); },
    });
    const differences = earlier && compareRecords(earlier, report.record);
    io.stdout.write(json ? jsonReport(report, differences, language) : closingTable(report, differences, language));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(report.record, null, 2)}\n`);
    if (!json) io.stdout.write(`${texts.recorded(options.record)}\n`);
    if (!passed(report)) return exitCodes.broken;
    return io.signal.aborted ? exitCodes.interrupted : exitCodes.kept;
  } finally {
    io.signal.removeEventListener('abort', interrupted);
    http.close();
  }
}

async function readRecord(file: string, complaint: string): Promise<ContractRecord> {
  try {
    return contractRecordSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new UsageError(complaint);
  }
}

/** What is piped in, less the line's end that `echo` adds. */
async function readPassword(stdin: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces).toString('utf8').replace(/\r?\n$/, '');
}
