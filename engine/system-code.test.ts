import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isFull, systemCode } from './system-code.ts';

test('only the system’s own codes are its', () => {
  let missing: unknown;
  try { readFileSync('/nowhere/at/all'); } catch (error) { missing = error; }
  expect(systemCode(missing)).toBe('ENOENT');
  for (const code of ['ERR_STREAM_DESTROYED', 'data-folder-in-use', 28, undefined]) expect(systemCode(Object.assign(new Error('other'), { code }))).toBeUndefined();
  for (const error of [new Error('none'), { code: 'ENOENT' }, undefined]) expect(systemCode(error)).toBeUndefined();
});

test('a disk and a quota can be full', () => {
  expect(['ENOSPC', 'EDQUOT', 'EACCES', '', undefined].filter(isFull)).toEqual(['ENOSPC', 'EDQUOT']);
});
