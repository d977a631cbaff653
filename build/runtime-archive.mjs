/**
 * @file Packs the development runtime as the packager wants an Electron: a zip named by version, without the loader. Only so that the
 * packaging itself can be tried where the official binary cannot be fetched; what comes of it is not for shipping.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { Zip, ZipPassThrough } from 'fflate';

/**
 * @param {import('./electron-runtime.mjs').ElectronRuntime} runtime
 * @returns {Promise<string>} the folder in which the zip lies
 */
export async function archiveRuntime({ path, version }) {
  const folder = dirname(path);
  const archive = join(folder, '..', `electron-v${version}-linux-x64.zip`);
  if (existsSync(archive)) return dirname(archive);

  const partial = `${archive}.${process.pid}`;
  const output = createWriteStream(partial);
  const zip = new Zip((error, data, final) => {
    if (error) output.destroy(error);
    else if (final) output.end(data);
    else output.write(data);
  });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    const name = file.slice(folder.length + 1);
    // The packager puts the app where the loader is.
    if (!entry.isFile() || name.startsWith(join('resources', 'app'))) continue;
    const item = new ZipPassThrough(name);
    item.os = 3;
    item.attrs = (await stat(file)).mode << 16;
    zip.add(item);
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      item.push(chunk);
      if (output.writableNeedDrain) await once(output, 'drain');
    }
    item.push(new Uint8Array(), true);
  }
  zip.end();
  await once(output, 'close');
  await rename(partial, archive);
  return dirname(archive);
}
