/**
 * @file The import rules of the layout, as an oxlint plugin: which folder may import which, and which packages. A table instead of
 * patterns on import strings, since a string like `../queue/x.ts` means different things in different folders.
 */
import { dirname, relative, resolve, sep } from 'node:path';
import { electronNames } from './electron-names.ts';

interface Layer {
  /** Folders of the checkout besides its own. */
  folders: string[];
  /** Packages by name; `node:*` stands for all of Node's own. Undefined: any that is installed. */
  packages?: string[];
}

/** The architecture. See docs/architecture.md before changing a line of it. */
const layers: Record<string, Layer> = {
  shared: { folders: [], packages: ['zod', 'birpc'] },
  engine: {
    folders: ['shared'],
    packages: ['node:*', 'zod', 'birpc', 'axios', 'axios-retry', 'better-sqlite3', 'fflate', '@aws-sdk/*', '@smithy/*'],
  },
  electron: { folders: ['engine', 'shared'], packages: ['node:*', 'electron', 'zod', 'birpc'] },
  cli: { folders: ['engine', 'shared'], packages: ['node:*', 'zod', 'birpc', 'commander'] },
  renderer: { folders: ['shared'], packages: ['react', 'react-dom', 'zod', 'birpc', 'uplot', '@mantine/*', '@tabler/*', '@tanstack/*', '@fontsource-variable/*'] },
  sandbox: { folders: ['shared'] },
  e2e: { folders: ['test-support', 'build', 'cli', 'electron', 'engine', 'sandbox', 'shared'] },
  bench: { folders: ['test-support', 'build', 'cli', 'engine', 'sandbox', 'shared'] },
  'test-support': { folders: ['shared'] },
  'fault-matrix': { folders: ['test-support', 'engine', 'sandbox', 'shared'] },
  contract: { folders: ['engine', 'shared'], packages: ['node:*', 'zod'] },
  simulation: { folders: ['engine', 'shared'] },
  chaos: { folders: ['test-support', 'build', 'engine', 'sandbox', 'simulation', 'shared'] },
  build: { folders: ['engine', 'shared'] },
};

/** Files, and folders by their `/`, that may do more than their layer: each is the one place where two worlds are put together. */
const composition: Record<string, Partial<Layer>> = {
  'cli/commands/sandbox.ts': { folders: ['sandbox'] },
  // The command line in the installed app.
  'electron/command-line/': { folders: ['cli'] },
};

/** Tests, and the suites that several of them share, may start a sandbox and use whatever is installed. */
const isTest = (file: string): boolean => /(\.test\.tsx?|-conformance\.ts)$/.test(file) || file.includes('/testing/');
const inTests: Layer = { folders: ['sandbox', 'build', 'test-support'] };

const matches = (patterns: string[], name: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern || name.startsWith(`${pattern}/`)));

/** `renderer/features/queue/row.tsx` → `queue`. */
const featureOf = (file: string): string | undefined => /^renderer\/features\/([^/]+)\//.exec(file)?.[1];

/**
 * Why a file may not import something, or undefined if it may.
 * @param root of the checkout
 * @param file absolute path of the importing file
 * @param specifier as written in the import
 */
export function whyNot(root: string, file: string, specifier: string): string | undefined {
  const from = relative(root, file).split(sep).join('/');
  const folder = from.split('/', 1)[0] ?? '';
  const layer = layers[folder];
  if (layer === undefined || from === folder) return undefined;
  const composed = Object.entries(composition).find(([place]) => (place.endsWith('/') ? from.startsWith(place) : from === place))?.[1];
  const tested = isTest(from) ? inTests : undefined;
  const folders = [...layer.folders, ...(composed?.folders ?? []), ...(tested?.folders ?? [])];

  if (!specifier.startsWith('.')) {
    if (tested || layer.packages === undefined || matches([...layer.packages, ...(composed?.packages ?? [])], specifier)) return undefined;
    return `${folder}/ may not import the package ${specifier}`;
  }
  const to = relative(root, resolve(dirname(file), specifier)).split(sep).join('/');
  if (to.startsWith('../')) return `${specifier} lies outside the checkout`;
  const target = to.includes('/') ? to.slice(0, to.indexOf('/')) : undefined;
  if (target !== undefined && target !== folder && !folders.includes(target)) {
    return `${folder}/ may not import from ${target}/`;
  }
  const feature = featureOf(from);
  const other = featureOf(to);
  if (feature !== undefined && other !== undefined && other !== feature) return `the feature ${feature} may not import the feature ${other}`;
  return undefined;
}

interface Located { source?: { value?: unknown } | null }
interface RuleContext { cwd: string; filename: string; report(problem: { node: unknown; message: string }): void }

const importDirections = {
  create(context: RuleContext) {
    const check = (node: Located): void => {
      if (typeof node.source?.value !== 'string') return;
      const message = whyNot(context.cwd, context.filename, node.source.value);
      if (message !== undefined) context.report({ node, message });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check };
  },
};

// oxlint takes a plugin as a default export.
export default { meta: { name: 'relevo' }, rules: { 'import-directions': importDirections, 'electron-names': electronNames } };
