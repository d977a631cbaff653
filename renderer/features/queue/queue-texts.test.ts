import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../shared/domain/failure.ts';
import { uploadStateNames, type UploadState } from '../../../shared/domain/upload.ts';
import { wordingFor } from '../../texts/texts-context.tsx';
import { reasonFor } from './reason.ts';
import { storyLines } from './story-lines.ts';
import { itemAt } from './test-items.ts';
import { actionForKey, actionsFor } from './upload-actions.ts';

const spanish = wordingFor('es');
const timeout: Failure = { code: 'gateway-timeout', disposition: 'retry', endpoint: 'gateway', ambiguous: true };

describe('why a photo is where it is', () => {
  it('names the cause and when it goes on', () => {
    const waiting = itemAt(1, { name: 'waiting', retryAt: 5_000, failure: timeout });
    expect(reasonFor(spanish, waiting, 0)).toBe('El servidor tardó demasiado en responder · se reintenta en unos segundos');
    const later = itemAt(1, { name: 'waiting', retryAt: 180_000, failure: timeout });
    expect(reasonFor(spanish, later, 0)).toMatch(/se reintenta dentro de 3 minutos$/);
  });

  it('says that a photo held back by the network goes by itself', () => {
    expect(reasonFor(spanish, itemAt(1, { name: 'blocked', by: 'offline' }), 0)).toBe('Sin conexión · se reintenta al volver');
  });

  it('tells how much of a photo is sent, and rounds down', () => {
    expect(reasonFor(spanish, { ...itemAt(1, { name: 'uploading' }), sentBytes: 999 }, 0)).toMatch(/^99\s%$/);
  });
});

describe('what can be done with a photo', () => {
  it('leaves alone what is being checked, sent or cancelled', () => {
    const done: UploadState[] = [{ name: 'completing' }, { name: 'cancelled' }];
    expect(done.flatMap(actionsFor)).toEqual([]);
  });

  it('lets one key pause and resume', () => {
    expect(actionForKey('p', { name: 'uploading' })).toBe('pause');
    expect(actionForKey('P', { name: 'paused' })).toBe('resume');
    expect(actionForKey('Delete', { name: 'paused' })).toBe('cancel');
    expect(actionForKey('r', { name: 'queued' })).toBeUndefined();
    expect(actionForKey('x', { name: 'queued' })).toBeUndefined();
  });
});

describe('the story of a photo', () => {
  it('joins parts that arrive one after another, whatever their order', () => {
    const lines = storyLines(spanish, [
      { at: 1, kind: 'added' }, { at: 2, kind: 'started' },
      { at: 3, kind: 'part-stored', part: 2 }, { at: 4, kind: 'part-stored', part: 1 }, { at: 5, kind: 'part-stored', part: 3 },
      { at: 6, kind: 'failed', failure: timeout },
      { at: 7, kind: 'part-stored', part: 4 },
    ]);
    expect(lines.map(({ text }) => text)).toEqual([
      'Llegó la parte 4', 'Este intento no salió bien', 'Llegaron las partes 1 a 3', 'Empezó el envío', 'Guardada en este equipo',
    ]);
    expect(lines[1]?.reason).toBe('El servidor tardó demasiado en responder.');
  });
});

it('has a word for every state, and the two languages differ where they should', () => {
  for (const name of uploadStateNames) expect(spanish.t.queue.states[name]).toBeTruthy();
  expect(wordingFor('en').t.queue.states.completed).toBe('Sent');
});
