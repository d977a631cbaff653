/** @file The peer: rclone, the quickest of those measured for Relevo's design, at several numbers of transfers. */
import { join } from 'node:path';
import type { SpacesEnvironment } from '../build/spaces.ts';
import { SetupError, run } from '../build/processes.mjs';
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
