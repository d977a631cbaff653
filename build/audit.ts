/**
 * @file Asks the registry which installed packages have known weaknesses, and whether Electron is still one that gets mended.
 *
 *   node build/audit.ts
 *
 * A weakness that is lived with for now stands in audit-exceptions.json, with a reason and a day on which that ends.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { advisoryExceptionSchema, hasEnded, readExceptions, type AdvisoryException } from './exceptions.ts';
import { checkout } from './paths.mjs';
import { run, runMain } from './processes.mjs';

/** Electron mends its three newest majors: https://www.electronjs.org/docs/latest/tutorial/electron-timelines */
const mendedMajors = 3;

const advisorySchema = z.object({ source: z.union([z.number(), z.string()]), name: z.string(), title: z.string(), url: z.string(), severity: z.string() });
/** What `npm audit --json` answers; a `via` that is only a name leads to another entry, which has the advisory. */
const reportSchema = z.object({ auditReportVersion: z.literal(2), vulnerabilities: z.record(z.string(), z.object({ via: z.array(z.union([z.string(), advisorySchema])) })) });

export interface Advisory { id: string; package: string; title: string; severity: string }

/** @returns undefined where npm could not ask. */
export function parseReport(text: string): Advisory[] | undefined {
  let json: unknown;
  try {
    // Whatever npm warns of may stand before and behind it.
    json = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  } catch {
    return undefined;
  }
  const report = reportSchema.safeParse(json);
  if (!report.success) return undefined;
  const found = new Map<string, Advisory>();
  for (const { via } of Object.values(report.data.vulnerabilities)) {
    for (const advisory of via) {
      if (typeof advisory === 'string') continue;
      const id = /GHSA(-[0-9a-z]{4}){3}/.exec(advisory.url)?.[0] ?? String(advisory.source);
      found.set(`${id} ${advisory.name}`, { id, package: advisory.name, title: advisory.title, severity: advisory.severity });
    }
  }
  return [...found.values()];
}

export interface Audited { shipped: Advisory[]; all: Advisory[] }

/** What is wrong, one line each; nothing if there is nothing. */
export function problemsOf(audited: Audited | undefined, exceptions: AdvisoryException[], today: string): string[] {
  const ended = exceptions.filter((exception) => hasEnded(exception, today)).map(({ id, package: name, until }) => `${id} (${name}): the exception ended on ${until}`);
  if (!audited) return ended;
  const excused = ({ id, package: name }: Advisory): boolean => exceptions.some((exception) => exception.id === id && exception.package === name);
  const isShipped = ({ id }: Advisory): boolean => audited.shipped.some((advisory) => advisory.id === id);
  const known = audited.all.filter((advisory) => !excused(advisory))
    .map((advisory) => `${advisory.id} (${advisory.package}, ${advisory.severity}, ${isShipped(advisory) ? 'shipped' : 'only used to build and test'}): ${advisory.title}`);
  const idle = exceptions.filter(({ id, package: name }) => !audited.all.some((advisory) => advisory.id === id && advisory.package === name))
    .map(({ id, package: name }) => `${id} (${name}): nothing has this weakness any more, so the exception can go`);
  return [...known, ...ended, ...idle];
}

/** @param latest Electron's newest version @returns what is wrong with ours, or undefined */
export function electronProblem(ours: string, latest: string): string | undefined {
  const major = (version: string): number => Number.parseInt(version, 10);
  return major(ours) <= major(latest) - mendedMajors ? `Electron ${ours} is mended no more; the newest is ${latest}` : undefined;
}

export interface AuditOutcome {
  problems: string[];
  /** What could not be asked, in one line each. */
  notRun: string[];
}

/** @param env of npm, which has the registry's address in it */
export async function audit(today = new Date().toISOString().slice(0, 10), env = process.env): Promise<AuditOutcome> {
  const npm = (args: string[]): ReturnType<typeof run> => run('npm', [...args, '--json', '--loglevel=silent', '--fetch-retries=0', '--fetch-timeout=20000'], { cwd: checkout, env, seconds: 60 });
  const exceptions = await readExceptions(join(import.meta.dirname, 'audit-exceptions.json'), advisoryExceptionSchema);
  const { devDependencies } = z.object({ devDependencies: z.object({ electron: z.string() }) }).parse(JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')));
  const [shipped, all, newest] = await Promise.all([npm(['audit', '--omit=dev']), npm(['audit']), npm(['view', 'electron', 'dist-tags.latest'])]);
  const found = { shipped: parseReport(shipped.output), all: parseReport(all.output) };
  const audited = found.shipped && found.all ? { shipped: found.shipped, all: found.all } : undefined;
  const latest = /"(\d+\.\d+\.\d+)"/.exec(newest.output)?.[1];
  const notRun: string[] = [];
  if (!audited) notRun.push(`Known weaknesses: the registry’s advisory service could not be asked${/\b4\d\d\b/.test(all.output) ? ` (${/\b4\d\d\b/.exec(all.output)![0]})` : ''}`);
  if (!latest) notRun.push('Electron’s age: the registry could not be asked for the newest version');
  const electron = latest === undefined ? undefined : electronProblem(devDependencies.electron, latest);
  return { problems: [...problemsOf(audited, exceptions, today), ...(electron ? [electron] : [])], notRun };
}

if (import.meta.main) {
  await runMain(async () => {
    const { problems, notRun } = await audit();
    for (const line of notRun) process.stdout.write(`Not run. ${line}\n`);
    for (const line of problems) process.stdout.write(`${line}\n`);
    if (problems.length === 0 && notRun.length === 0) process.stdout.write('No known weakness, and Electron is one of those that are mended\n');
    return problems.length === 0 ? 0 : 1;
  });
}
