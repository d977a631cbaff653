import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

const mebibyte = 1024 * 1024;

it('cuts into smaller parts for a client that asks, down to what the store takes', async () => {
  const { sandbox, dispose } = await temporarySandbox();
  try {
    const nurse = await TestClient.signIn(sandbox);
    const cut = async (wish: Record<string, unknown>): Promise<[number, number]> => {
      const { upload } = (await nurse.createUpload(nurse.patient(), randomBytes(9 * mebibyte), wish)).json.data;
      return [upload.part_bytes, upload.part_count];
    };
    expect(await cut({})).toEqual([8 * mebibyte, 2]);
    expect(await cut({ max_part_bytes: 6 * mebibyte })).toEqual([6 * mebibyte, 2]);
    expect(await cut({ max_part_bytes: 1 })).toEqual([5 * mebibyte, 2]);
    expect(await cut({ max_part_bytes: 100 * mebibyte })).toEqual([8 * mebibyte, 2]);
  } finally {
    await dispose();
  }
});
