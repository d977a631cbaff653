import type { RequestListener } from 'node:http';
import { fastify } from 'fastify';
import type { SandboxDatabase } from '../database/database.ts';
import { Accounts } from '../http/accounts.ts';
import { answerInEnvelopes, success } from '../http/envelope.ts';
import type { Tokens } from '../http/tokens.ts';
import type { ContractName, Limits, Timeouts } from '../options.ts';
import { Canaries } from './canaries.ts';
import type { SpacesLink } from './link.ts';
import { addPhotoRoutes } from './photo-routes.ts';
import { checkReadiness } from './readiness.ts';
import { addSessionRoutes } from './session-routes.ts';
import { Sessions } from './sessions.ts';
import { SpacesClient, type SpacesTarget } from './spaces-client.ts';
import { UploadsTable } from './uploads-table.ts';

export interface MediaDependencies {
  database: SandboxDatabase;
  tokens: Tokens;
  contract: ContractName;
  limits: Limits;
  timeouts: Timeouts;
  verifySha: boolean;
  link: SpacesLink;
  /** How media itself reaches Spaces. */
  target: SpacesTarget;
  /** Where clients reach the same Spaces: presigned and public URLs name it. */
  publicEndpoint: string;
  /** Aborted when the service stops: what it was doing with Spaces ends there. */
  stopped: AbortSignal;
  log: (line: string) => void;
}

export async function createMedia(deps: MediaDependencies): Promise<RequestListener> {
  const { database, tokens, contract, limits, timeouts, link, target, publicEndpoint, log } = deps;
  const app = fastify({ bodyLimit: 1024 * 1024 });
  answerInEnvelopes(app, log);
  const accounts = new Accounts(database, tokens);
  const spaces = new SpacesClient({ target, link, timeouts, stopped: deps.stopped });
  const publicBase = `${publicEndpoint}/${target.bucket}`;

  app.get('/media/health', (request) => success(request, { service: 'media-service', status: 'healthy', cdn_base_url: publicBase }));
  await addPhotoRoutes(app, { database, accounts, spaces, limits, publicBase, log });
  if (contract === 'sessions') {
    // It is a report of what media depends on: giving it succeeds also when a check in it does not.
    app.get('/media/readyz', async (request) => success(request, { checks: await checkReadiness({ spaces, link, endpoint: target.endpoint, database }) }));
    const presign = { ...target, endpoint: publicEndpoint };
    const sessions = new Sessions({
      table: new UploadsTable(database),
      accounts,
      spaces,
      presign,
      limits,
      timeouts,
      verifySha: deps.verifySha,
    });
    addSessionRoutes(app, { accounts, sessions, canaries: new Canaries({ presign, spaces, urlTtlS: timeouts.urlTtlS }), limits, timeouts });
  }

  await app.ready();
  return (request, response) => app.routing(request, response);
}
