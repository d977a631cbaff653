import type { UploadEvent } from '../../../shared/domain/upload.ts';
import { failureText } from '../../../shared/texts/failures.ts';
import type { Wording } from '../../texts/texts-context.tsx';

export interface StoryLine {
  at: number;
  kind: UploadEvent['kind'];
  text: string;
  /** What had gone wrong, where something had. */
  reason?: string;
}

/** A photo's story in plain words, latest first. Parts that arrived one after another are one line: a 40 MB photo has eight. */
export function storyLines(wording: Wording, events: readonly UploadEvent[]): StoryLine[] {
  const { story } = wording.t;
  const lines: StoryLine[] = [];
  let parts: number[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    if (event.kind === 'part-stored' && event.part !== undefined && last?.kind === 'part-stored') {
      parts.push(event.part);
      // Parts travel side by side and may arrive out of order.
      lines[lines.length - 1] = { ...last, at: event.at, text: story.parts(Math.min(...parts), Math.max(...parts)) };
      continue;
    }
    parts = event.part === undefined ? [] : [event.part];
    lines.push({
      at: event.at,
      kind: event.kind,
      text: story.events[event.kind](event),
      ...(event.failure ? { reason: failureText(wording.language, event.failure).what } : {}),
    });
  }
  return lines.reverse();
}
