import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SandboxOptions, SpacesOption } from './options.ts';
import { startSandbox } from './sandbox.ts';

export interface SandboxCommandContext {
  env: NodeJS.ProcessEnv;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  /** Ends it like SIGTERM, for callers in the same process. */
  signal?: AbortSignal;
}

const usage = `Usage: relevo sandbox [--port P] [--spaces embedded|env] [--contract sessions|heartguard] [--data-dir DIR]
                     [--spaces-front] [--no-verify] [--until-stdin-closes] [--verbose]
Prints one JSON line when ready and runs until SIGTERM or SIGINT.
  --spaces env           uses SPACES_ENDPOINT, SPACES_REGION, SPACES_BUCKET, SPACES_ACCESS_KEY, SPACES_SECRET_KEY
  --data-dir DIR         keeps its state in DIR/sandbox; otherwise in RELEVO_DATA_DIR/sandbox, or a folder removed at the end
  --spaces-front         puts a front with faults before Spaces from the environment
  --no-verify            does not read completed objects back to hash them
  --until-stdin-closes   ends also when its standard input ends
`;

const environmentSchema = z.object({
  SPACES_ENDPOINT: z.url(),
  SPACES_REGION: z.string().min(1),
  SPACES_BUCKET: z.string().min(1),
  SPACES_ACCESS_KEY: z.string().min(1),
  SPACES_SECRET_KEY: z.string().min(1),
});

const argumentsSchema = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(0),
  spaces: z.enum(['embedded', 'env']).default('embedded'),
  contract: z.enum(['sessions', 'heartguard']).default('sessions'),
});

class UsageError extends Error {}

function spacesFrom(kind: 'embedded' | 'env', env: NodeJS.ProcessEnv): SpacesOption {
  if (kind === 'embedded') return { kind };
  const parsed = environmentSchema.safeParse(env);
  if (!parsed.success) throw new UsageError(`--spaces env needs ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  const { SPACES_ENDPOINT, SPACES_REGION, SPACES_BUCKET, SPACES_ACCESS_KEY, SPACES_SECRET_KEY } = parsed.data;
  return {
    kind,
    endpoint: SPACES_ENDPOINT.replace(/\/$/, ''),
    region: SPACES_REGION,
    bucket: SPACES_BUCKET,
    accessKeyId: SPACES_ACCESS_KEY,
    secretAccessKey: SPACES_SECRET_KEY,
  };
}

interface Plan {
  options: Omit<SandboxOptions, 'dataDir'>;
  dataDir?: string;
  untilStdinCloses: boolean;
}

/** @throws UsageError, or parseArgs' TypeError */
function readArguments(args: readonly string[], env: NodeJS.ProcessEnv, stderr: Writable): Plan | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      spaces: { type: 'string' },
      contract: { type: 'string' },
      'data-dir': { type: 'string' },
      'spaces-front': { type: 'boolean' },
      'no-verify': { type: 'boolean' },
      'until-stdin-closes': { type: 'boolean' },
      verbose: { type: 'boolean' },
      // What it prints is JSON with or without it.
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const parsed = argumentsSchema.safeParse(values);
  if (!parsed.success) throw new UsageError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
  const { port, spaces, contract } = parsed.data;
  const parent = values['data-dir'] ?? env['RELEVO_DATA_DIR'];
  // Resolved, an empty one is the folder in which the command runs.
  if (parent === '') throw new UsageError(`${values['data-dir'] === undefined ? 'RELEVO_DATA_DIR' : '--data-dir'}: is empty`);
  return {
    options: {
      port,
      contract,
      spaces: spacesFrom(spaces, env),
      spacesFront: values['spaces-front'] ?? false,
      verifySha: !values['no-verify'],
      ...(values.verbose ? { log: (line: string) => void stderr.write(`${line}\n`) } : {}),
    },
    ...(parent === undefined ? {} : { dataDir: resolve(parent, 'sandbox') }),
    untilStdinCloses: values['until-stdin-closes'] ?? false,
  };
}

async function untilEnded(context: SandboxCommandContext, untilStdinCloses: boolean): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  const ends = ['SIGTERM', 'SIGINT'].map((name) => once(process, name, { signal }));
  if (context.signal) ends.push(context.signal.aborted ? Promise.resolve([]) : once(context.signal, 'abort', { signal }));
  if (untilStdinCloses) {
    context.stdin.resume();
    ends.push(once(context.stdin, 'end', { signal }), once(context.stdin, 'close', { signal }));
  }
  for (const end of ends) end.catch(() => undefined);
  await Promise.race(ends);
  stop.abort();
}

/** As every command does it with `--json`, which may be what is wrong, so it is looked for in the words themselves. @returns whether it was asked for */
function tellAsJson(args: readonly string[], { stdout }: SandboxCommandContext, code: string, message: string): boolean {
  if (!args.includes('--json')) return false;
  stdout.write(`${JSON.stringify({ schema_version: 1, error: { code, message } })}\n`);
  return true;
}

/**
 * `relevo sandbox`: prints the ready line, runs until SIGTERM, SIGINT or, if asked, the end of standard input.
 *
 * @returns the exit code: 0 ended as asked, 1 it could not start, 2 wrong usage
 */
export async function runSandboxCommand(args: readonly string[], context: SandboxCommandContext = process): Promise<number> {
  let plan: Plan | 'help';
  try {
    plan = readArguments(args, context.env, context.stderr);
  } catch (error) {
    if (!tellAsJson(args, context, 'usage', (error as Error).message)) context.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (plan === 'help') {
    context.stdout.write(usage);
    return 0;
  }
  const temporary = plan.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'relevo-sandbox-')) : undefined;
  const dataDir = plan.dataDir ?? (temporary as string);
  try {
    const sandbox = await startSandbox({ ...plan.options, dataDir });
    context.stdout.write(`${JSON.stringify(sandbox.ready)}\n`);
    await untilEnded(context, plan.untilStdinCloses);
    await sandbox.close();
    return 0;
  } catch (error) {
    const message = `The sandbox could not start: ${(error as Error).message}`;
    if (!tellAsJson(args, context, 'sandbox-not-started', message)) context.stderr.write(`${message}\n`);
    return 1;
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}
