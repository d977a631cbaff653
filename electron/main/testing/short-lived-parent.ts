/** @file Starts the small engine as main does, says its process id, and then waits to be killed. */
import { launchNodeProcess } from '../node-engine-process.ts';

const engine = launchNodeProcess(new URL('small-engine.ts', import.meta.url).pathname, process.execPath, process.env);
engine.onMessage(() => process.send?.(engine.pid));
engine.post({ type: 'start', dataDir: '/data', key: { bytes: new Uint8Array(32), source: 'key-file' } });
setInterval(() => undefined, 1000);
