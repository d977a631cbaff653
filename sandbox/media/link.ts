/** @file Media's own way to Spaces, which can be made to fail as the machine's network would. */
import { Agent, type AgentOptions } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { Socket } from 'node:net';
import type { SpacesUnreachable } from '../faults/fault.ts';

/** Spaces' address in the incident: inside the range that the media server took for its own link. */
export const incidentAddress = '134.199.128.128';

export class SpacesLink {
  #fault: SpacesUnreachable | undefined;
  readonly #onLinkMs: number;
  readonly #agents: Agent[] = [];

  constructor(onLinkMs: number) {
    this.#onLinkMs = onLinkMs;
  }

  get fault(): SpacesUnreachable | undefined {
    return this.#fault;
  }

  set fault(fault: SpacesUnreachable | undefined) {
    this.#fault = fault;
    // Connections kept alive would get past what is broken now.
    for (const agent of this.#agents) for (const idle of Object.values(agent.freeSockets)) for (const socket of idle ?? []) socket.destroy();
  }

  /** Answers this much later. */
  get slowMs(): number {
    return typeof this.#fault === 'object' ? this.#fault.slow : 0;
  }

  createAgent(secure: boolean): Agent {
    const options: AgentOptions = { keepAlive: true, maxSockets: 64 };
    const agent = secure ? new SecureAgent(options) : new Agent(options);
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...parameters) => this.#brokenSocket() ?? connect(...parameters);
    this.#agents.push(agent);
    return agent;
  }

  #brokenSocket(): Socket | undefined {
    switch (this.#fault) {
      case 'timeout':
        return neverConnects();
      case 'refused':
        return failsToConnect('ECONNREFUSED', 0);
      case 'on-link':
        return failsToConnect('EHOSTUNREACH', this.#onLinkMs);
      default:
        return undefined;
    }
  }
}

function neverConnects(): Socket {
  // What is written waits for a connection that does not come, as with packets that nobody answers.
  return Object.assign(new Socket(), { connecting: true });
}

function failsToConnect(code: string, afterMs: number): Socket {
  const socket = neverConnects();
  const error = Object.assign(new Error(`connect ${code} ${incidentAddress}`), { code, syscall: 'connect', address: incidentAddress });
  const timer = setTimeout(() => socket.destroy(error), afterMs);
  socket.once('close', () => clearTimeout(timer));
  return socket;
}
