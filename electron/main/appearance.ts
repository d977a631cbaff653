import { nativeTheme } from 'electron';
import type { Settings } from '../../shared/domain/settings.ts';
import type { EngineHost } from './engine-host.ts';
import { readWindowMemory, writeWindowMemory } from './window-memory.ts';
import type { WindowMemory } from './window-memory.ts';

/** The page's ground colours, so that nothing flashes before it is drawn; the same as in the window's own tokens. */
const GROUND = { light: '#F6F8F9', dark: '#0E151B' };

/** Language, theme and the window's place: known from the last run at once, and from the engine's settings as soon as it is there. */
export class Appearance {
  readonly #file: string;
  readonly #listeners = new Set<() => void>();
  #memory: WindowMemory;

  constructor(file: string) {
    this.#file = file;
    this.#memory = readWindowMemory(file);
    nativeTheme.themeSource = this.#memory.theme;
    nativeTheme.on('updated', () => this.#announce());
  }

  get memory(): WindowMemory { return this.#memory; }
  get language(): Settings['language'] { return this.#memory.language; }
  get background(): string { return nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light; }

  onChange(listener: () => void): void { this.#listeners.add(listener); }

  remember(change: Partial<WindowMemory>): void {
    this.#memory = { ...this.#memory, ...change };
    writeWindowMemory(this.#file, this.#memory);
  }

  follow(host: EngineHost): void {
    host.onEvent((event, payload) => { if (event === 'settings') this.#take(payload as Settings); });
    host.onState((state) => {
      if (state === 'running') Promise.resolve(host.calls.getSettings()).then((settings) => this.#take(settings), () => undefined);
    });
  }

  #take({ theme, language }: Settings): void {
    if (theme === this.#memory.theme && language === this.#memory.language) return;
    this.remember({ theme, language });
    nativeTheme.themeSource = theme;
    this.#announce();
  }

  #announce(): void { for (const listener of this.#listeners) listener(); }
}
