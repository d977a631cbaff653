import { isIP } from 'node:net';
import { systemClock, type Clock } from '../clock.ts';
import type { ContractName } from '../../shared/domain/account.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import { directRoutes, type Routes } from '../transport/routes.ts';
import { createTrust, type Trust } from '../transport/trust.ts';
import type { ChromiumFetch } from './probes/chromium.ts';
import { systemLookup } from './probes/dns.ts';
import type { Lookup, ProbeContext } from './probes/probe.ts';
import { runCommand, type RunCommand } from './probes/run-command.ts';
import type { PresentToken } from './probes/session.ts';

/** What there is to reach. Read anew for every run, since it may be changed in the settings. */
export interface DiagnosticTargets {
  gateway: string | undefined;
  /** Where photos lie; on contract B the host of the presigned addresses. */
  spaces: string | undefined;
  contract: ContractName | undefined;
}

/**
 * Places outside the backend that help to tell causes apart. None by default: asking them tells a third party that this
 * clinic uses Relevo, and when, and many clinics' networks do not allow it; so only an administrator can name them.
 * Without them the gateway and Spaces serve as each other's control, and our own gateway's host as the portal check.
 */
export interface Controls {
  /** Answers 204 with nothing in it, in clear. */
  captivePortalUrl?: string;
  /** A name that always resolves. */
  dnsName?: string;
  /** A resolver beside the system's: `address` or `address:port`. */
  resolver?: string;
  /** Any HTTP address that is always up. */
  httpTarget?: string;
}

/** Those that an administrator has set. */
export function controlsOf({ controlResolver, controlPage, controlPortalPage }: Pick<Settings, 'controlResolver' | 'controlPage' | 'controlPortalPage'>): Controls {
  const host = controlPage === undefined ? '' : new URL(controlPage).hostname.replace(/^\[|\]$/g, '');
  return {
    ...(controlResolver === undefined ? {} : { resolver: isIP(controlResolver) === 6 ? `[${controlResolver}]` : controlResolver }),
    ...(controlPage === undefined ? {} : { httpTarget: controlPage }),
    ...(controlPortalPage === undefined ? {} : { captivePortalUrl: controlPortalPage }),
    ...(host === '' || isIP(host) > 0 ? {} : { dnsName: host }),
  };
}

/** What the diagnosis is given of the world. `diagnosticEnvironment` fills in the usual. */
export interface DiagnosticEnvironment {
  clock: Clock;
  platform: NodeJS.Platform;
  runCommand: RunCommand;
  lookup: Lookup;
  /** The ways that uploads go. */
  routes: Routes;
  /** What uploads trust. */
  trust: Trust;
  targets(): DiagnosticTargets;
  controls(): Controls;
  token: PresentToken;
  chromium: ChromiumFetch | undefined;
  /** Where photos wait. */
  diskFolder: string;
  /** Below it the disk counts as low. */
  diskLowBytes: number;
  expectedIssuers: readonly string[];
  /** See `Facts.serverLimitMs`. */
  serverLimitMs: number;
}

export type GivenEnvironment = Pick<DiagnosticEnvironment, 'targets' | 'token' | 'diskFolder'> & Partial<DiagnosticEnvironment>;

export function diagnosticEnvironment(given: GivenEnvironment): DiagnosticEnvironment {
  return {
    clock: systemClock, platform: process.platform, runCommand, lookup: systemLookup, routes: directRoutes, trust: createTrust(),
    controls: () => ({}), chromium: undefined, diskLowBytes: 2 * 1024 ** 3, expectedIssuers: [], serverLimitMs: 160_000, ...given,
  };
}

export function probeContext(environment: DiagnosticEnvironment, signal: AbortSignal | undefined): ProbeContext {
  const { clock, platform, lookup, routes, trust } = environment;
  return { clock, platform, runCommand: environment.runCommand, lookup, routes, trust, signal };
}
