import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const rectangleSchema = z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(1), height: z.number().int().min(1) });

const memorySchema = z.object({
  bounds: rectangleSchema.optional().catch(undefined),
  maximized: z.boolean().catch(false),
  /** Kept here too, so that the window has the right colours and language before the engine has opened the settings. */
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  language: z.enum(['es', 'en']).catch('es'),
});
export type WindowMemory = z.infer<typeof memorySchema>;
export type Rectangle = z.infer<typeof rectangleSchema>;

/** What is remembered of the window, or the defaults where nothing readable is. */
export function readWindowMemory(file: string): WindowMemory {
  try {
    return memorySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return memorySchema.parse({});
  }
}

/** Failing to remember it must not disturb anyone. */
export function writeWindowMemory(file: string, memory: WindowMemory): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify(memory), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    return;
  }
}

/** The remembered place, if enough of it is on a screen that is there today for a person to grasp the title bar. */
export function visibleBounds(bounds: Rectangle | undefined, screens: Rectangle[]): Rectangle | undefined {
  if (!bounds) return undefined;
  const grasp = 80;
  const reachable = screens.some((screen) =>
    bounds.x + bounds.width >= screen.x + grasp && bounds.x <= screen.x + screen.width - grasp
    && bounds.y >= screen.y - 10 && bounds.y <= screen.y + screen.height - grasp);
  return reachable ? bounds : undefined;
}
