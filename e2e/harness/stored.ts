import { expect } from '@playwright/test';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { WrittenPhoto } from '../../test-support/photos.ts';

/** Holds the store to the sources: each photo there exactly once, byte for byte, and nothing else, nothing half done. */
export async function expectStoredOnce(backend: Sandbox, photos: WrittenPhoto[]): Promise<void> {
  const objects = await backend.store.objects();
  expect(objects.map(({ sha256 }) => sha256).sort()).toEqual(photos.map(({ sha256 }) => sha256).sort());
  expect(backend.store.photos().map(({ sha256 }) => sha256).sort()).toEqual(photos.map(({ sha256 }) => sha256).sort());
  expect(await backend.store.unfinishedUploads()).toEqual([]);
}
