import { expect, it } from 'vitest';
import type { QueueCounts } from '../../../shared/domain/upload.ts';
import type { Transfer } from '../../../shared/engine-contract.ts';
import { wordingFor } from '../../texts/texts-context.tsx';
import { savingLine, sendingLine } from './lock-line.ts';

const none: QueueCounts = { queued: 0, uploading: 0, completing: 0, completed: 0, waiting: 0, paused: 0, blocked: 0, needsAttention: 0, cancelled: 0 };
const english = wordingFor('en');

function said(counts: Partial<QueueCounts>, transfer: Partial<Transfer> = {}): string | undefined {
  return sendingLine(english, { counts: { ...none, ...counts }, transfer: { bytesPerSecond: 0, remainingBytes: 0, paused: false, ...transfer } })?.text;
}

it('says that sending goes on, and how many are left', () => {
  expect(said({ uploading: 2, queued: 1 })).toBe('3 photos still being sent by themselves.');
  expect(said({ uploading: 1 })).toBe('1 photo still being sent by itself.');
});

it('claims that photos are being sent only while they are', () => {
  expect(said({ blocked: 3 })).toBe('3 photos wait safely and will be sent by themselves.');
  expect(said({ queued: 2 }, { paused: true })).toBe('2 photos are safe; sending is paused.');
  expect(said({ queued: 2 }, { hold: 'metered' })).toBe('2 photos are safe; sending is paused.');
  expect(said({ completed: 5 })).toBe('All photos have been sent.');
  expect(said({ completed: 5, needsAttention: 1 })).toBeUndefined();
  expect(said({})).toBeUndefined();
});

it('tells whoever holds the card whether it may be removed', () => {
  expect(savingLine(english, { open: 1, went: 'nothing' })?.text).toContain('Do not remove the card');
  expect(savingLine(english, { open: 0, went: 'well' })?.text).toContain('You can remove the card');
  expect(savingLine(english, { open: 0, went: 'badly' })?.text).toContain('Keep the card in');
  expect(savingLine(english, { open: 0, went: 'nothing' })).toBeUndefined();
});
