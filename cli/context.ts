import { resolve } from 'node:path';
import { defaultDataDir, homeFolder } from '../engine/data-folder/default-data-dir.ts';
import { commandLineTexts, type CommandLineTexts } from '../shared/texts/command-line.ts';
import type { Language } from '../shared/texts/language.ts';
import type { CommandHost } from './command-host.ts';
import { openEngineSession, type EngineSession } from './engine-session.ts';
import { localeLanguage, unlessAborted, type CommandIo } from './io.ts';
import { notEmpty } from './option-values.ts';
import { jsonLine, type JsonBody, type JsonDocuments } from './json-output.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';

export interface GlobalOptions { dataDir?: string; json?: boolean }

/** What every command has: where to write, in which form and language. */
export interface CommandContext {
  readonly io: CommandIo;
  readonly host: CommandHost;
  readonly json: boolean;
  readonly dataDir: string;
  language: Language;
  texts: CommandLineTexts;
  /** Runs a piece of work with an engine, and gives the engine up afterwards whatever happens. */
  withEngine<T>(work: (engine: EngineSession) => Promise<T>): Promise<T>;
  /** For people; nothing with `--json`. */
  print(text: string): void;
  /** With `--json` only. */
  printJson<Name extends keyof JsonDocuments>(name: Name, body: JsonBody<Name>): void;
  progress(): ProgressBar;
}

export function createContext(io: CommandIo, host: CommandHost, options: GlobalOptions): CommandContext {
  const json = options.json ?? false;
  const given = localeLanguage(io.environment);
  const language = given ?? 'es';
  const texts = commandLineTexts(language);
  // For the app an empty one is as good as none; to a command somebody gave it, and meant a folder.
  if (options.dataDir === undefined && io.environment.RELEVO_DATA_DIR !== undefined) notEmpty(texts, 'RELEVO_DATA_DIR', io.environment.RELEVO_DATA_DIR);
  const context: CommandContext = {
    io, host, json, language,
    texts,
    dataDir: resolve(options.dataDir ?? defaultDataDir({ platform: process.platform, homeDir: homeFolder(), environment: { ...io.environment } })),
    async withEngine(work) {
      const session = await openEngineSession(context.dataDir, io, host);
      try {
        // While the engine was being reached, nobody listened.
        io.signal.throwIfAborted();
        if (!given) {
          context.language = (await session.call.getSettings()).language;
          context.texts = commandLineTexts(context.language);
        }
        return await unlessAborted(io.signal, work(session));
      } finally {
        await session.close();
      }
    },
    print(text) { if (!json) io.stdout.write(`${text}\n`); },
    printJson(_name, body) { if (json) io.stdout.write(jsonLine(body)); },
    progress: () => createProgressBar(io.stderr, !json),
  };
  return context;
}
