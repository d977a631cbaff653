/** @file What a source checkout may be told by its environment, and an installed app not: it would run, or believe, whatever a variable names. */
import { app } from 'electron';

/** See [Note: two ways to run the engine]. */
export const engineNode = app.isPackaged ? undefined : process.env.RELEVO_ENGINE_NODE;
/** For tests. See [Note: what a fixed setting holds against]. */
export const administratorFile = app.isPackaged ? undefined : process.env.RELEVO_ADMIN_SETTINGS;
