/**
 * @file A real Ceph object gateway on 127.0.0.1, the software that Spaces runs on: one monitor, one storage daemon in memory, one gateway.
 *
 *   node build/spaces.ts start|stop|env [FOLDER]
 *
 * FOLDER (a fixed one under the temporary folder unless named) holds everything but the objects, which are in memory, up to
 * RELEVO_SPACES_GIB (6): past that writes hang. `start` and `env` print SPACES_* as shell assignments. Any number can run at once, each
 * in its folder, on ports that it finds itself. Facts on the options: docs.ceph.com, "Manual Deployment" and "Ceph Object Gateway config reference".
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SetupError, run, runMain } from './processes.mjs';

const BUCKET = 'clinic-photos';
const REGION = 'default';
const ANSWER_SECONDS = 90;
const END_SECONDS = 10;

/** The variables by which the sandbox and the tests find a store. */
export interface SpacesEnvironment extends Record<string, string> {
  SPACES_ENDPOINT: string;
  SPACES_REGION: string;
  SPACES_BUCKET: string;
  SPACES_ACCESS_KEY: string;
  SPACES_SECRET_KEY: string;
  /** Another user, who may do nothing until a bucket's policy says otherwise. */
  SPACES_GUEST_ACCESS_KEY: string;
  SPACES_GUEST_SECRET_KEY: string;
}

/** @returns ports on which nobody listens; all are held until the last is found, so that they differ */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((done, fail) => {
    const server = createServer();
    server.once('error', fail).listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function configuration(folder: string, fsid: string, monitor: string, gatewayPort: number): string {
  const bytes = Number(process.env.RELEVO_SPACES_GIB ?? 6) * 1024 ** 3;
  const sections: Record<string, Record<string, string | number | boolean>> = {
    global: {
      fsid,
      mon_initial_members: 'a',
      mon_host: monitor,
      public_addr: '127.0.0.1',
      ms_bind_msgr1: false,
      keyring: join(folder, 'keyring'),
      run_dir: join(folder, 'run'),
      pid_file: join(folder, 'run', '$name.pid'),
      admin_socket: join(folder, 'run', '$name.asok'),
      log_file: join(folder, 'log', '$name.log'),
      setuser_match_path: '',
      auth_allow_insecure_global_id_reclaim: false,
      // One copy of everything on one daemon: this is a store for tests, not for keeping.
      osd_pool_default_size: 1,
      osd_pool_default_min_size: 1,
      osd_pool_default_pg_num: 8,
      osd_pool_default_pg_autoscale_mode: 'off',
      osd_crush_chooseleaf_type: 0,
      mon_allow_pool_size_one: true,
      mon_max_pg_per_osd: 1000,
      mon_warn_on_pool_no_redundancy: false,
    },
    mon: { mon_data: join(folder, 'mon') },
    osd: { osd_data: join(folder, 'osd'), osd_objectstore: 'memstore', memstore_device_bytes: bytes, osd_class_load_list: '*' },
    client: {
      rgw_frontends: `beast endpoint=127.0.0.1:${gatewayPort}`,
      rgw_data: join(folder, 'rgw'),
      // Buckets in the path of any address, or in the host as BUCKET.localhost.
      rgw_dns_name: 'localhost',
      rgw_enable_usage_log: false,
      rgw_thread_pool_size: 64,
    },
  };
  return Object.entries(sections)
    .map(([name, options]) => `[${name}]\n${Object.entries(options).map(([key, value]) => `${key} = ${value}\n`).join('')}`)
    .join('\n');
}

/** Process ids of what runs in a folder. */
function daemons(folder: string): number[] {
  const place = join(folder, 'run');
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => name.endsWith('.pid'))
    .map((name) => Number.parseInt(readFileSync(join(place, name), 'utf8'), 10))
    .filter((pid) => pid > 0 && isCephDaemon(pid, folder));
}

/** A pid file may outlive its process, and the number may have gone to another one since. */
function isCephDaemon(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
  } catch {
    return false;
  }
}

/** Ends at once what runs in a folder, for a process that is itself ending; what lies in the folder stays. */
export function endSpacesNow(folder: string): void {
  for (const pid of daemons(resolve(folder))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone in between.
    }
  }
}

/** Ends what runs in a folder and removes it with all that was stored. Nothing to do is fine. */
export async function stopSpaces(folder: string): Promise<void> {
  const place = resolve(folder);
  // Not politely: there is nothing to save, and the storage daemon takes five seconds over it.
  endSpacesNow(place);
  for (const patience = Date.now() + END_SECONDS * 1000; daemons(place).length > 0 && Date.now() < patience; ) await delay(20);
  await rm(place, { recursive: true, force: true });
}

/** @throws {SetupError} with what the program wrote, if it fails */
async function ceph(folder: string, program: string, ...args: string[]): Promise<void> {
  const outcome = await run(program, args, { env: { ...process.env, CEPH_CONF: join(folder, 'ceph.conf') }, seconds: ANSWER_SECONDS });
  if (outcome.code !== 0) throw new SetupError(`${program} ${args.join(' ')} failed with ${outcome.code}; see ${join(folder, 'log')}\n${outcome.output}`);
}

async function waitUntilItAnswers(endpoint: string, folder: string): Promise<void> {
  for (const patience = Date.now() + ANSWER_SECONDS * 1000; Date.now() < patience; await delay(100)) {
    const answer = await fetch(endpoint).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
  }
  throw new SetupError(`The Ceph gateway did not answer within ${ANSWER_SECONDS} s; see ${join(folder, 'log')}`);
}

/**
 * Starts a gateway in a folder, with one user and one empty bucket.
 * @returns how to reach it
 * @throws {SetupError} naming the step that failed; nothing is left running then
 */
export async function startSpaces(folder: string): Promise<SpacesEnvironment> {
  const place = resolve(folder);
  await stopSpaces(place);
  for (const part of ['mon', 'osd', 'rgw', 'run', 'log']) await mkdir(join(place, part), { recursive: true });
  const [monitorPort, gatewayPort] = (await freePorts(2)) as [number, number];
  const fsid = randomUUID();
  const osd = randomUUID();
  const monitor = `[v2:127.0.0.1:${monitorPort}/0]`;
  const keyring = join(place, 'keyring');
  const monmap = join(place, 'monmap');
  const settings = join(place, 'ceph.conf');
  const environment: SpacesEnvironment = {
    SPACES_ENDPOINT: `http://127.0.0.1:${gatewayPort}`,
    SPACES_REGION: REGION,
    SPACES_BUCKET: BUCKET,
    SPACES_ACCESS_KEY: randomBytes(10).toString('hex'),
    SPACES_SECRET_KEY: randomBytes(20).toString('hex'),
    SPACES_GUEST_ACCESS_KEY: randomBytes(10).toString('hex'),
    SPACES_GUEST_SECRET_KEY: randomBytes(20).toString('hex'),
  };
  await writeFile(settings, configuration(place, fsid, monitor, gatewayPort));
  const step = (program: string, ...args: string[]): Promise<void> => ceph(place, program, ...args);
  try {
    await step('ceph-authtool', '--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
    for (const name of ['client.admin', 'client.rgw', 'osd.0']) {
      await step('ceph-authtool', keyring, '--gen-key', '-n', name, '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *');
    }
    await step('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', monitor, monmap);
    await step('ceph-mon', '-c', settings, '-i', 'a', '--mkfs', '--monmap', monmap, '--keyring', keyring);
    await step('ceph-mon', '-c', settings, '-i', 'a');
    await step('ceph', '-c', settings, '--connect-timeout', '30', 'osd', 'new', osd, '0');
    await step('ceph-osd', '-c', settings, '-i', '0', '--osd-uuid', osd, '--mkfs');
    await step('ceph-osd', '-c', settings, '-i', '0');
    await step('radosgw', '-c', settings, '-n', 'client.rgw');
    await waitUntilItAnswers(environment.SPACES_ENDPOINT, place);
    const { SPACES_ACCESS_KEY: accessKeyId, SPACES_SECRET_KEY: secretAccessKey } = environment;
    const makeUser = (name: string, key: string, secret: string): Promise<void> =>
      step('radosgw-admin', '-c', settings, 'user', 'create', '--uid', name, '--display-name', name, '--access-key', key, '--secret-key', secret);
    await makeUser('clinic', accessKeyId, secretAccessKey);
    await makeUser('guest', environment.SPACES_GUEST_ACCESS_KEY, environment.SPACES_GUEST_SECRET_KEY);
    const client = new S3Client({ endpoint: environment.SPACES_ENDPOINT, region: REGION, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    client.destroy();
  } catch (error) {
    endSpacesNow(place);
    throw error;
  }
  await writeFile(join(place, 'environment.json'), JSON.stringify(environment), { mode: 0o600 });
  return environment;
}

const asAssignments = (environment: SpacesEnvironment): string => Object.entries(environment).map(([name, value]) => `${name}=${value}\n`).join('');

if (import.meta.main) {
  await runMain(async () => {
    const [command, folder = join(tmpdir(), 'relevo-spaces')] = process.argv.slice(2);
    switch (command) {
      case 'start':
        process.stdout.write(asAssignments(await startSpaces(folder)));
        return;
      case 'env':
        process.stdout.write(asAssignments(JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8')) as SpacesEnvironment));
        return;
      case 'stop':
        return stopSpaces(folder);
      default:
        throw new SetupError('Usage: node build/spaces.ts start|stop|env [FOLDER]');
    }
  });
}
