import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { Wording } from '../../texts/texts-context.tsx';

/** What support wants to know of a photo; absent facts are left out. */
export function technicalFacts(wording: Wording, item: UploadItem): { name: string; value: string }[] {
  const { facts } = wording.t.story;
  const { state } = item;
  const failure = 'failure' in state ? state.failure : undefined;
  const photo = state.name === 'completed' ? state.photo : undefined;
  const known: [string, string | undefined][] = [
    [facts.type, item.contentType],
    [facts.captured, item.capturedAt],
    [facts.note, item.note],
    [facts.tags, item.tags.join(', ')],
    [facts.tries, wording.count(item.tries).text],
    [facts.sent, `${wording.count(item.sentBytes).text} / ${wording.count(item.sizeBytes).text}`],
    [facts.code, failure && `${failure.code} · ${failure.disposition} · ${failure.endpoint}`],
    [facts.httpStatus, failure?.httpStatus?.toString()],
    [facts.traceId, failure?.traceId],
    [facts.detail, failure?.detail],
    [facts.photoId, photo?.photoId],
    [facts.objectKey, photo?.objectKey],
    [facts.sha256, item.sha256],
    [facts.id, item.id],
  ];
  return known.flatMap(([name, value]) => (value ? [{ name, value }] : []));
}
