/** @file Where the bundle keeps its parts. All lie beside this file once it is bundled, also inside the app's archive. */
import { join } from 'node:path';

const build = import.meta.dirname;

export const preloadFile = join(build, 'preload.cjs');
export const rendererDir = join(build, '..', 'renderer');
export const engineFile = join(build, 'engine.js');
/** Loaded only where there is a command to run. */
export const commandLineFile = join(build, 'command-line.js');
