/** @file Where the bundle keeps its parts. All lie beside this file once it is bundled, also inside the app's archive. */
import { join } from 'node:path';

const build = import.meta.dirname;

export const preloadFile = join(build, 'preload.cjs');
export const rendererDir = join(build, '..', 'renderer');

/** A plain Node cannot read inside an asar, so there the engine lies unpacked beside it. */
export const engineFile = join(build, 'engine.js').replace(/([\\/])app\.asar([\\/])/, '$1app.asar.unpacked$2');
