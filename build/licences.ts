/**
 * @file Under which licences the packages are that are shipped.
 *
 *   node build/licences.ts   writes docs/licences.md anew
 *
 * What may be shipped is a list; anything else needs an exception in licence-exceptions.json, with a reason and a day on which it ends.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasEnded, licenceExceptionSchema, readExceptions, type LicenceException } from './exceptions.ts';
import { checkout } from './paths.mjs';
import { SetupError, runMain } from './processes.mjs';

/** SPDX identifiers of licences that ask for nothing but to be named. */
const accepted = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'OFL-1.1', 'Unlicense', 'Zlib']);

export interface Shipped {
  name: string;
  version: string;
  /** SPDX expression, or what the package says in its place. */
  licence: string;
  /** The texts that the package brings, such as its licence and its notice. */
  texts: string[];
}

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), link: z.boolean().optional() })) });
const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
});

/** Every installed package that the product needs to run, itself or through another. */
export async function shippedPackages(root = checkout): Promise<Shipped[]> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const folders = Object.entries(packages).filter(([folder, { dev, link }]) => folder !== '' && !dev && !link).map(([folder]) => join(root, folder));
  // Optional ones of other systems are not installed.
  const found = await Promise.all(folders.filter((folder) => existsSync(join(folder, 'package.json'))).map(describePackage));
  const unique = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...unique.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

async function describePackage(folder: string): Promise<Shipped> {
  const { name, version, license, licenses } = packageSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  const licence = typeof license === 'string' ? license : license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none named';
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile() && /^(licen[cs]e|copying|notice)/i.test(entry.name));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file.name), 'utf8')));
  return { name, version, licence, texts: texts.map((text) => text.replaceAll('\r\n', '\n').trim()) };
}

/** Whether an SPDX expression leaves a way to use the package under accepted licences alone. */
export function isAccepted(expression: string): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const one = (): boolean => {
    const token = tokens[at++];
    if (token === '(') {
      const inside = either();
      return tokens[at++] === ')' && inside;
    }
    const known = token !== undefined && accepted.has(token);
    // An exception to a licence changes it: somebody must read it first.
    if (tokens[at] !== 'WITH') return known;
    at += 2;
    return false;
  };
  const both = (): boolean => {
    let all = one();
    while (tokens[at] === 'AND') {
      at += 1;
      all = one() && all;
    }
    return all;
  };
  const either = (): boolean => {
    let any = both();
    while (tokens[at] === 'OR') {
      at += 1;
      any = both() || any;
    }
    return any;
  };
  const result = either();
  return result && at === tokens.length;
}

/** What is wrong, one line each. @param today as in `2026-11-22` */
export function licenceProblems(shipped: Shipped[], exceptions: LicenceException[], today: string): string[] {
  const excuses = (one: Shipped) => (exception: LicenceException): boolean => exception.package === one.name && exception.licence === one.licence;
  const unaccepted = shipped.filter(({ licence }) => !isAccepted(licence));
  const refused = unaccepted.filter((one) => !exceptions.some(excuses(one))).map(({ name, version, licence }) => `${name} ${version}: the licence ${licence} is not on the list`);
  const ended = exceptions.filter((exception) => hasEnded(exception, today)).map(({ package: name, until }) => `${name}: the exception ended on ${until}`);
  const idle = exceptions.filter((exception) => !unaccepted.some((one) => excuses(one)(exception))).map(({ package: name, licence }) => `${name}: nothing of it is under ${licence} any more, so the exception can go`);
  return [...refused, ...ended, ...idle];
}

/** docs/licences.md. */
export function licenceTable(shipped: Shipped[], exceptions: LicenceException[]): string {
  const rows = shipped.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  const excused = exceptions.map(({ package: name, licence, reason, date, until }) => `- ${name} (${licence}), from ${date} until ${until}: ${reason}`);
  return `# Licences of what is shipped

Written by \`npm run licences\`; the tests hold it to what is installed. Accepted without asking: ${[...accepted].join(', ')}.
Electron itself, which is not in this list, is under the MIT licence; its own and Chromium's texts lie beside the app as \`LICENSE\` and
\`LICENSES.chromium.html\`, and those of the packages here as \`THIRD-PARTY-NOTICES.txt\`.

Exceptions: ${excused.length === 0 ? 'none.' : `\n\n${excused.join('\n')}`}

| package | version | licence |
|---|---|---|
${rows.join('\n')}
`;
}

/** THIRD-PARTY-NOTICES.txt: every text, each once, under the packages that it is of. */
export function notices(shipped: Shipped[]): string {
  const parts = shipped.map(({ name, version, licence, texts }) => {
    const alike = shipped.find((other) => other.licence === licence && other.texts.length > 0);
    const text = texts.length > 0 ? texts.join('\n\n') : `The package brings no text of its own. ${licence} is printed under ${alike ? alike.name : 'no other package'}.`;
    return `${name} ${version}\n${licence}\n\n${text}`;
  });
  const line = `\n\n${'='.repeat(80)}\n\n`;
  return `Relevo contains the following packages. Electron's and Chromium's texts are in LICENSE and LICENSES.chromium.html.${line}${parts.join(line)}\n`;
}

export const licenceTableFile = join(checkout, 'docs', 'licences.md');
export const readLicenceExceptions = (): Promise<LicenceException[]> => readExceptions(join(import.meta.dirname, 'licence-exceptions.json'), licenceExceptionSchema);

if (import.meta.main) {
  await runMain(async () => {
    const [shipped, exceptions] = await Promise.all([shippedPackages(), readLicenceExceptions()]);
    const problems = licenceProblems(shipped, exceptions, new Date().toISOString().slice(0, 10));
    if (problems.length > 0) throw new SetupError(problems.join('\n'));
    await writeFile(licenceTableFile, licenceTable(shipped, exceptions));
    process.stdout.write(`${shipped.length} packages in docs/licences.md\n`);
  });
}
