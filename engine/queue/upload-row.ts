import { z } from 'zod';
import { timestampSchema } from '../../shared/domain/ids.ts';
import { photoFactsSchema, uploadStateSchema, type Priority, type UploadState } from '../../shared/domain/upload.ts';
import { remoteSessionSchema, type RemoteSession } from '../transport/transport.ts';
import type { UploadRecord } from './upload-store.ts';

/** As numbers, because the order of rows depends on them. */
const priorities = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

export function priorityNumber(priority: Priority): number {
  return priorities.indexOf(priority);
}

export const rowColumns = `sequence, id, facts, priority, state, tries, failures_in_a_row, confirmed_bytes, remote, max_part_bytes,
  remote_to_abort, first_byte_at, updated_at, has_thumbnail`;

const count = z.number().int().nonnegative();
const flag = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);

const rowSchema = z.object({
  sequence: z.number().int().positive(),
  id: z.string(),
  facts: z.string(),
  priority: z.number().int().min(0).max(2),
  state: z.string(),
  tries: count,
  failures_in_a_row: count,
  confirmed_bytes: count,
  remote: z.string().nullable(),
  max_part_bytes: z.number().int().positive().nullable(),
  remote_to_abort: flag,
  first_byte_at: timestampSchema.nullable(),
  updated_at: timestampSchema,
  has_thumbnail: flag,
});

/** @returns undefined where the row is not what we wrote. Never throws, whatever it is. */
export function parseRow(row: unknown): UploadRecord | undefined {
  const columns = rowSchema.safeParse(row);
  if (!columns.success) return undefined;
  const { data } = columns;
  const facts = photoFactsSchema.safeParse(parseJson(data.facts));
  const state = uploadStateSchema.safeParse(parseJson(data.state));
  const remote = data.remote === null ? undefined : remoteSessionSchema.safeParse(parseJson(data.remote));
  if (!facts.success || !state.success || remote?.success === false || facts.data.id !== data.id) return undefined;
  return {
    facts: facts.data,
    sequence: data.sequence,
    priority: priorities[data.priority]!,
    state: state.data,
    tries: data.tries,
    failuresInARow: data.failures_in_a_row,
    confirmedBytes: data.confirmed_bytes,
    remote: remote?.data,
    maxPartBytes: data.max_part_bytes ?? undefined,
    remoteToAbort: data.remote_to_abort,
    firstByteAt: data.first_byte_at ?? undefined,
    updatedAt: data.updated_at,
    hasThumbnail: data.has_thumbnail,
  };
}

/**
 * Sent, or possibly so, where it would be replaced by an older one: its body was begun on contract A, or the server is being
 * asked to complete it. What went another way (contract B, own keys) stands by itself, whatever comes after it.
 */
export function isSent(state: UploadState, remote: RemoteSession | undefined): boolean {
  const replaceable = remote === undefined || remote.transport === 'gateway-photo';
  return remote?.sentAt !== undefined || (replaceable && (state.name === 'completed' || state.name === 'completing'));
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
