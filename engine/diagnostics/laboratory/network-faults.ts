/**
 * @file Faults of the network itself, in namespaces of their own: a computer, a veth as its cable, and behind it a
 * router that is the Internet too. Needs root on Linux; nothing of the host's own network is touched.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Fault, Observed } from './fault.ts';
import { internet, type Targets } from './internet.ts';

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export function namespacesAreAllowed(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** One clinic: its computer's namespace and the one behind its cable. */
class Network {
  readonly #computer: string;
  readonly #router: string;
  #close: (() => void) | undefined;

  constructor(name: string) {
    this.#computer = `${name}c`;
    this.#router = `${name}r`;
  }

  async build(): Promise<void> {
    await run('ip', ['netns', 'add', this.#computer]);
    await run('ip', ['netns', 'add', this.#router]);
    await run('ip', ['link', 'add', 'eth0', 'netns', this.#computer, 'type', 'veth', 'peer', 'name', 'lan0', 'netns', this.#router]);
    await this.computer(`link set lo up`, `addr add ${internet.computer}/24 dev eth0`, `link set eth0 up`, `route add default via ${internet.router}`);
    await this.router(`link set lo up`, `addr add ${internet.router}/24 dev lan0`, `link set lan0 up`, ...[internet.gateway, internet.spaces, internet.control, internet.resolver].map((address) => `addr add ${address}/32 dev lo`));
    // Linux answers ARP for any address it has; a router's other addresses are not on this link.
    await run('ip', ['netns', 'exec', this.#router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/conf/lan0/arp_ignore']);
    await mkdir(`/etc/netns/${this.#computer}`, { recursive: true });
    await this.resolveBy(internet.resolver);
    const outside = spawn('ip', ['netns', 'exec', this.#router, process.execPath, script('outside.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#close = () => outside.stdin.end();
    await once(outside.stdout, 'data');
  }

  /** `ip` commands on the computer. */
  async computer(...commands: string[]): Promise<void> {
    for (const command of commands) await run('ip', ['-n', this.#computer, ...command.split(' ')]);
  }

  /** `ip` commands on the router. */
  async router(...commands: string[]): Promise<void> {
    for (const command of commands) await run('ip', ['-n', this.#router, ...command.split(' ')]);
  }

  async resolveBy(server: string): Promise<void> {
    await writeFile(`/etc/netns/${this.#computer}/resolv.conf`, `nameserver ${server}\noptions timeout:1 attempts:1\n`);
  }

  /** A full check, run by a process on that computer. */
  async look(targets: Targets): Promise<Observed> {
    const { stdout } = await run('ip', ['netns', 'exec', this.#computer, process.execPath, script('inside.ts'), JSON.stringify(targets)], { maxBuffer: 4 * 1024 * 1024 });
    return JSON.parse(stdout) as Observed;
  }

  async close(): Promise<void> {
    this.#close?.();
    for (const name of [this.#computer, this.#router]) await run('ip', ['netns', 'del', name]).catch(() => undefined);
    await rm(`/etc/netns/${this.#computer}`, { recursive: true, force: true });
  }
}

const byAddress = { gateway: `http://${internet.gateway}:${internet.port}`, spaces: `http://${internet.spaces}:${internet.port}` };
const byName = { gateway: `http://gateway.clinic.test:${internet.port}`, spaces: `http://spaces.clinic.test:${internet.port}` };
const byProxy = { ...byAddress, proxies: [{ host: internet.router, port: internet.proxyPort }] };
const control = { httpTarget: `http://${internet.control}:${internet.port}/` };

let networks = 0;

function fault(name: string, expected: Fault['expected'], act: (network: Network) => Promise<Observed>): Fault {
  return {
    name, expected,
    observe: async () => {
      networks += 1;
      const network = new Network(`relevo${process.pid}n${networks}`);
      try {
        await network.build();
        return await act(network);
      } finally {
        await network.close();
      }
    },
  };
}

export const networkFaults: readonly Fault[] = [
  fault('everything works, by name', 'HEALTHY', (at) => at.look(byName)),
  fault('everything works, by the proxy, and nothing else leads outside', 'HEALTHY', async (at) => { await at.computer('route del default'); return at.look(byProxy); }),
  fault('no proxy on the network, and nothing else leads outside', 'PROXY_BROKEN', async (at) => {
    await at.computer('route del default');
    return at.look({ ...byAddress, proxies: [{ host: internet.router, port: 9 }] });
  }),
  fault('cable pulled out, with a proxy', 'CLIENT_OFFLINE', async (at) => { await at.computer('link set eth0 down'); return at.look(byProxy); }),
  fault('router dead, with the proxy behind it', 'LAN_GATEWAY_DEAD', async (at) => {
    await at.router(`addr del ${internet.router}/24 dev lan0`);
    return at.look({ ...byAddress, proxies: [{ host: internet.control, port: internet.proxyPort }] });
  }),
  fault('cable pulled out', 'CLIENT_OFFLINE', async (at) => { await at.computer('link set eth0 down'); return at.look(byName); }),
  fault('no address', 'CLIENT_OFFLINE', async (at) => { await at.computer('addr flush dev eth0'); return at.look(byAddress); }),
  fault('no default route', 'CLIENT_OFFLINE', async (at) => { await at.computer('route del default'); return at.look(byAddress); }),
  fault('no default route, by name', 'CLIENT_OFFLINE', async (at) => { await at.computer('route del default'); return at.look(byName); }),
  fault('no router on the network, and the gateway on it refuses', 'GATEWAY_DOWN', async (at) => { await at.computer('route del default'); return at.look({ gateway: `http://${internet.router}:9` }); }),
  fault('no router on the network, and the gateway on it is off', 'ONLINK_ROUTE_ARP', async (at) => { await at.computer('route del default'); return at.look({ gateway: `http://${internet.nobody}:${internet.port}` }); }),
  fault('router dead (cable up)', 'LAN_GATEWAY_DEAD', async (at) => { await at.router(`addr del ${internet.router}/24 dev lan0`); return at.look(byAddress); }),
  fault('router dead, by name', 'LAN_GATEWAY_DEAD', async (at) => { await at.router(`addr del ${internet.router}/24 dev lan0`); return at.look(byName); }),
  fault('the incident on this computer: Spaces’ range taken for the own link', 'ONLINK_ROUTE_ARP', async (at) => {
    await at.computer('addr add 134.199.130.5/20 dev eth0');
    return at.look(byAddress);
  }),
  fault('the gateway’s address taken for the own link', 'ONLINK_ROUTE_ARP', async (at) => {
    await at.computer('addr add 203.0.113.77/24 dev eth0');
    return at.look(byAddress);
  }),
  fault('the gateway’s packets vanish, a control answers', 'PATH_TIMEOUT', async (at) => { await vanish(at, internet.gateway); return at.look({ ...byAddress, controls: control }); }),
  fault('the gateway’s packets vanish, Spaces answer', 'PATH_TIMEOUT', async (at) => { await vanish(at, internet.gateway); return at.look(byAddress); }),
  fault('a router far away says: host unreachable', 'PATH_TIMEOUT', async (at) => {
    await at.router(`addr del ${internet.gateway}/32 dev lo`, `route add unreachable ${internet.gateway}/32`);
    return at.look({ ...byAddress, controls: control });
  }),
  fault('the system’s resolver is not there', 'DNS_FAILURE', async (at) => { await at.resolveBy('198.18.0.99'); return at.look(byName); }),
  fault('the system’s resolver is not there, a control one is', 'DNS_BAD_CONFIG', async (at) => { await at.resolveBy('198.18.0.99'); return at.look({ ...byName, controls: { resolver: internet.resolver } }); }),
  fault('the system’s resolver says SERVFAIL', 'DNS_FAILURE', (at) => at.look({ gateway: `http://servfail.clinic.test:${internet.port}` })),
  fault('NXDOMAIN, another name resolves', 'DNS_RECORD_MISSING', (at) => at.look({ ...byName, gateway: `http://gone.clinic.test:${internet.port}` })),
];

/** Nobody answers any more for that address, and nobody says so. */
async function vanish(network: Network, address: string): Promise<void> {
  await network.router(`addr del ${address}/32 dev lo`, `route add blackhole ${address}/32`);
}
