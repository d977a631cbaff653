/** @file The peer: rclone, the quickest of those measured for Relevo's design, at several numbers of transfers. */
import { join } from 'node:path';
import type { SpacesEnvironment } from '../build/spaces.ts';
import { SetupError, run } from '../build/processes.mjs';
import { writePhotos } from '../test-support/photos.ts';
import { measured, type Cost } from './measured.ts';

/** Transfers at once; the best of them is what Relevo is compared with. */
export const transfers = [4, 8, 16] as const;

/** Nothing of this computer's own settings for S3 (AWS_*), which rclone reads too. */
function environment(spaces: SpacesEnvironment, folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    RCLONE_CONFIG: join(folder, 'rclone.conf'),
    RCLONE_S3_PROVIDER: 'Ceph',
    RCLONE_S3_ENDPOINT: spaces.SPACES_ENDPOINT,
    RCLONE_S3_REGION: spaces.SPACES_REGION,
    RCLONE_S3_ACCESS_KEY_ID: spaces.SPACES_ACCESS_KEY,
    RCLONE_S3_SECRET_ACCESS_KEY: spaces.SPACES_SECRET_KEY,
    RCLONE_S3_NO_CHECK_BUCKET: 'true',
  };
}

/**
 * A new gateway takes a second for the first object that it stores, and again for the first in parts: whoever came first would pay for
 * what has nothing to do with sending.
 */
export async function warmUp(spaces: SpacesEnvironment, folder: string): Promise<void> {
  const card = join(folder, 'card-warm');
  await writePhotos(card, 2, { seed: 'warm', sizeOf: (index) => (index === 0 ? 1e6 : 12e6), width: 640, height: 480 });
  const { code, output } = await run('rclone', ['copy', card, `:s3:${spaces.SPACES_BUCKET}/warm`, '--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M', '--quiet'], { env: environment(spaces, folder) });
  if (code !== 0) throw new SetupError(`rclone could not reach the gateway:\n${output.slice(-500)}`);
}

/** Copies a folder to a place of its own in the bucket, and makes sure that all of it is there. */
export async function rcloneCopy(card: string, files: number, atOnce: number, spaces: SpacesEnvironment, folder: string): Promise<Cost> {
  const env = environment(spaces, folder);
  const to = `:s3:${spaces.SPACES_BUCKET}/rclone-${atOnce}-${files}`;
  const cost = await measured('rclone', ['copy', card, to, '--transfers', `${atOnce}`, '--quiet'], env);
  const { output } = await run('rclone', ['lsf', to, '--quiet'], { env });
  const arrived = output.split('\n').filter((line) => line.trim() !== '').length;
  if (arrived !== files) throw new SetupError(`rclone left ${arrived} of ${files} files:\n${output.slice(-500)}`);
  return cost;
}
