import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { formatBytes, formatClockTime, formatCount, formatDecimal, formatDuration, formatPercent, formatRate, formatRelativeTime, formatSpeed } from '../../shared/texts/format.ts';
import type { Language } from '../../shared/texts/language.ts';
import { catalogues, type Texts } from './catalogue.ts';
import type { Count } from './counted.ts';

/** The reader's language: its sentences, and its way of writing figures. */
export interface Wording {
  language: Language;
  t: Texts;
  count(value: number): Count;
  decimal(value: number): string;
  bytes(value: number): string;
  speed(bytesPerSecond: number): string;
  duration(ms: number): string;
  percent(ratio: number): string;
  /** A share that may be small, with its decimal. */
  rate(ratio: number): string;
  ago(at: number, now: number): string;
  clock(at: number, now: number): string;
}

export function wordingFor(language: Language): Wording {
  return {
    language,
    t: catalogues[language],
    count: (value) => ({ value, text: formatCount(language, value) }),
    decimal: (value) => formatDecimal(language, value),
    bytes: (value) => formatBytes(language, value),
    speed: (value) => formatSpeed(language, value),
    duration: (ms) => formatDuration(language, ms),
    percent: (ratio) => formatPercent(language, ratio),
    rate: (ratio) => formatRate(language, ratio),
    ago: (at, now) => formatRelativeTime(language, at, now),
    clock: (at, now) => formatClockTime(language, at, now),
  };
}

const WordingContext = createContext<Wording | undefined>(undefined);

export function WordingProvider({ language, children }: { language: Language; children: ReactNode }) {
  const wording = useMemo(() => wordingFor(language), [language]);
  return <WordingContext value={wording}>{children}</WordingContext>;
}

export function useWording(): Wording {
  const wording = useContext(WordingContext);
  if (!wording) throw new Error('useWording needs a WordingProvider above it');
  return wording;
}
