/**
 * @file Stands in for Electron's own `default_app.asar`, which the development runtime lacks: starts the app whose folder is named on the
 * command line (or in RELEVO_APP), so that `electron FOLDER` works as it does with the official binary. Copied into the runtime's
 * `resources/app`; runs in Electron's main process. Top-level await holds back `ready` until the app has registered for it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const named = process.argv.slice(1).find((argument) => !argument.startsWith('-') && existsSync(join(argument, 'package.json')));
const folder = named ?? process.env.RELEVO_APP;
if (folder === undefined) {
  process.stderr.write('Name the app: electron FOLDER, or set RELEVO_APP\n');
  app.exit(2);
} else {
  const root = resolve(folder);
  const { name, productName, version, main = 'index.js' } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // As in Electron's default app: the program, the app's folder, then the app's own arguments.
  process.argv = [process.argv[0], root, ...process.argv.slice(1).filter((argument) => argument !== named)];
  process.defaultApp = true;
  app.setVersion(version ?? '0.0.0');
  app.setName(productName ?? name);
  app.setPath('userData', join(app.getPath('appData'), app.getName()));
  app.setAppPath(root);
  await import(pathToFileURL(join(root, main)).href);
}
