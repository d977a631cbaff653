import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWindowMemory, visibleBounds, writeWindowMemory } from './window-memory.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const usual = { x: 100, y: 100, width: 1180, height: 760 };

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-memory-')); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('what is remembered of the window', () => {
  it('comes back as it was, readable only by its owner', () => {
    const file = join(dir, 'window', 'state.json');
    writeWindowMemory(file, { bounds: usual, maximized: true, theme: 'dark', language: 'en' });
    expect(readWindowMemory(file)).toEqual({ bounds: usual, maximized: true, theme: 'dark', language: 'en' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('falls back where the file is missing, torn or partly nonsense', () => {
    const file = join(dir, 'state.json');
    expect(readWindowMemory(file)).toEqual({ maximized: false, theme: 'system', language: 'es' });
    writeFileSync(file, '{"bounds":{"x":1');
    expect(readWindowMemory(file)).toEqual({ maximized: false, theme: 'system', language: 'es' });
    writeFileSync(file, JSON.stringify({ bounds: { x: 'left' }, theme: 'pink', language: 'en' }));
    expect(readWindowMemory(file)).toEqual({ maximized: false, theme: 'system', language: 'en' });
  });

  it('is not used where the window would be out of reach', () => {
    expect(visibleBounds(usual, [screen])).toEqual(usual);
    expect(visibleBounds({ ...usual, x: 2500 }, [screen])).toBeUndefined();
    expect(visibleBounds({ ...usual, x: 2500 }, [screen, { ...screen, x: 1920 }])).toEqual({ ...usual, x: 2500 });
    expect(visibleBounds({ ...usual, y: 1070 }, [screen])).toBeUndefined();
    expect(visibleBounds({ ...usual, y: -500 }, [screen])).toBeUndefined();
  });
});
