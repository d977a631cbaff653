/** @file Every transport on a real Ceph gateway, behind the sandbox's services. */
import { describeTransports } from './sandbox-conformance.ts';

/** What `npm run test:spaces` sets. */
function fromEnvironment(name: string): string {
  const value = process.env[`SPACES_${name}`];
  if (!value) throw new Error(`SPACES_${name} is not set: run npm run test:spaces`);
  return value;
}

describeTransports({
  kind: 'env',
  endpoint: fromEnvironment('ENDPOINT'),
  region: fromEnvironment('REGION'),
  bucket: fromEnvironment('BUCKET'),
  accessKeyId: fromEnvironment('ACCESS_KEY'),
  secretAccessKey: fromEnvironment('SECRET_KEY'),
  // The smallest parts that S3 takes.
}, { partBytes: 5 * 1024 ** 2, overBytes: 700_000 });
