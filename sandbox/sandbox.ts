/**
 * @file A whole backend on loopback: gateway, auth, user and media services and Spaces, each on its own socket, each able to
 * fail. For trying, developing and testing; the product never imports it.
 */
import type { RequestListener } from 'node:http';
import { createAuth } from './auth/auth.ts';
import { keptSecret, openDatabase, readSetting, writeSetting } from './database/database.ts';
import { demoEmail, seedDatabase } from './database/seed.ts';
import { createControl } from './faults/control-server.ts';
import { withFaults } from './faults/effects.ts';
import { FaultControl } from './faults/fault-control.ts';
import { FaultRegistry } from './faults/registry.ts';
import { createGateway } from './gateway/gateway.ts';
import { Tokens } from './http/tokens.ts';
import { SpacesLink } from './media/link.ts';
import { createMedia } from './media/media.ts';
import type { SpacesTarget } from './media/spaces-client.ts';
import { Listener } from './net/listener.ts';
import { RequestLog } from './net/request-log.ts';
import { defaultLimits, defaultTimeouts, type ContractName, type SandboxOptions, type ServiceName } from './options.ts';
import { Service, type ServiceControl } from './service.ts';
import { embeddedSpaces, foreignSpaces } from './spaces/spaces.ts';
import { StoreReader } from './store-reader.ts';
import { createUser } from './user/user.ts';

/** The line that `relevo sandbox` prints. */
export interface Ready {
  gateway: string;
  email: string;
  password: string;
  patients: { id: string; name: string }[];
  /** As clients reach them. */
  spaces: { endpoint: string; bucket: string };
  control: string;
}

export interface Sandbox {
  ready: Ready;
  services: Record<ServiceName, ServiceControl>;
  store: StoreReader;
  faults: FaultControl;
  /** Spaces with their keys as clients reach them (faults apply): for a client that signs by itself. */
  spaces: SpacesTarget;
  /** Every demo account; all have the password of `ready`. */
  accounts: { email: string; name: string; systemRole: string }[];
  /** Deploys the other contract: gateway and media end and start again on their ports, with the same data. */
  setContract(contract: ContractName): Promise<void>;
  close(): Promise<void>;
}

/** What Spaces ask of every part but the last. */
const spacesMinPartBytes = 5 * 1024 * 1024;

/** @throws when a port is taken, the data folder cannot be written, or Spaces that are not ours do not answer. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { dataDir, log = () => undefined } = options;
  let { contract } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const database = openDatabase(dataDir);
  const { password } = await seedDatabase(database);
  const tokens = new Tokens(keptSecret(database, 'jwt_secret', 32));
  const requests = new RequestLog();
  const link = new SpacesLink(timeouts.onLinkMs);

  const listeners = new Map<ServiceName, Listener>();
  const registry = new FaultRegistry(options.random ?? Math.random, async (name, refuse) => {
    const listener = listeners.get(name);
    await (refuse ? listener?.block('fault') : listener?.unblock('fault'));
  });
  const around = (name: ServiceName) => (handler: RequestListener): RequestListener => withFaults(name, registry, requests, handler);

  // Photos' addresses are kept in the database, and presigned ones by clients: they should hold over a restart.
  const spacesPort = Number(readSetting(database, 'spaces_port') ?? 0);
  const spaces =
    options.spaces.kind === 'embedded'
      ? embeddedSpaces({ dataDir, port: spacesPort, minPartBytes: Math.min(spacesMinPartBytes, limits.partBytes), around: around('spaces') })
      : foreignSpaces({
          spaces: options.spaces,
          front: options.spacesFront ?? false,
          port: spacesPort,
          around: around('spaces'),
          setStopped: (stopped) => {
            link.fault = stopped ? 'refused' : undefined;
          },
        });
  const auth = new Service({ around: around('auth'), build: async () => ({ handler: await createAuth({ database, tokens, timeouts }) }) });
  const user = new Service({ around: around('user'), build: async () => ({ handler: await createUser({ database, tokens, log }) }) });
  const media = new Service({
    around: around('media'),
    build: async (stopped) => ({
      handler: await createMedia({
        database,
        tokens,
        contract,
        limits,
        timeouts,
        verifySha: options.verifySha ?? true,
        link,
        target: spaces.target(),
        publicEndpoint: spaces.publicEndpoint(),
        stopped,
        log,
      }),
    }),
  });
  const gateway = new Service({
    port: options.port,
    around: around('gateway'),
    build: () =>
      createGateway({
        contract,
        timeouts,
        tokens,
        rateLimit: options.rateLimit,
        upstreams: { auth: () => auth.url, user: () => user.url, media: () => media.url },
      }),
  });
  const services: Record<ServiceName, ServiceControl> = { gateway, auth, user, media, spaces: spaces.service };
  for (const [name, service] of Object.entries({ gateway, auth, user, media })) listeners.set(name as ServiceName, service.listener);
  if (spaces.front) listeners.set('spaces', spaces.front);

  const faults = new FaultControl({
    registry,
    log: requests,
    cut: async (down) => {
      const reached = [gateway.listener, ...(spaces.front ? [spaces.front] : [])];
      await Promise.all(reached.map((listener) => (down ? listener.block('network') : listener.unblock('network'))));
    },
    unreachable: {
      get: () => link.fault,
      set: (fault) => {
        link.fault = fault;
      },
    },
  });

  const setContract = async (next: ContractName): Promise<void> => {
    contract = next;
    for (const service of [gateway, media]) await service.stop();
    for (const service of [media, gateway]) await service.start();
  };

  let store: StoreReader | undefined;
  let control: Listener | undefined;
  const close = async (): Promise<void> => {
    await registry.clear();
    await control?.stop();
    for (const service of [gateway, media, user, auth]) await service.stop();
    if (spaces.front) await spaces.service.stop();
    store?.close();
    database.close();
  };

  try {
    // Media needs Spaces' address, and the gateway comes last: when it answers, all of them do.
    await spaces.service.start();
    if (spaces.front) writeSetting(database, 'spaces_port', String(spaces.front.port));
    await Promise.all([auth.start(), user.start(), media.start()]);
    await gateway.start();
    store = new StoreReader(spaces.target(), database);
    control = new Listener({ port: 0, handler: await createControl({ faults, services, store, setContract }) });
    await control.start();
  } catch (error) {
    // What did start must not keep the process, or the ports.
    await close();
    throw error;
  }

  const accounts = database.prepare('SELECT email, name, system_role AS systemRole FROM accounts ORDER BY rowid').all() as Sandbox['accounts'];
  const patients = database
    .prepare(
      `SELECT DISTINCT p.id, p.name FROM patients p JOIN care_team_patients c ON c.patient_id = p.id
       JOIN care_team_members m ON m.team_id = c.team_id JOIN accounts a ON a.id = m.account_id WHERE a.email = ? ORDER BY p.rowid`,
    )
    .all(demoEmail) as Ready['patients'];

  return {
    ready: {
      gateway: gateway.url,
      email: demoEmail,
      password,
      patients,
      spaces: { endpoint: spaces.publicEndpoint(), bucket: spaces.target().bucket },
      control: control.url,
    },
    services,
    store,
    faults,
    spaces: { ...spaces.target(), endpoint: spaces.publicEndpoint() },
    accounts,
    setContract,
    close,
  };
}
