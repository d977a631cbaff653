import type { EngineHost } from './engine-host.ts';
import type { MainLog } from './main-log.ts';

export interface DemoAccount { gateway: string; email: string; password: string }

/**
 * Takes the demonstration account out of the environment, so that no other process inherits it.
 * Only unpackaged: an installed app has no demonstration.
 */
export function takeDemoAccount(environment: NodeJS.ProcessEnv, packaged: boolean): DemoAccount | undefined {
  const { RELEVO_DEMO_EMAIL: email, RELEVO_DEMO_PASSWORD: password, RELEVO_GATEWAY: gateway } = environment;
  delete environment.RELEVO_DEMO_EMAIL;
  delete environment.RELEVO_DEMO_PASSWORD;
  return !packaged && email && password && gateway ? { gateway, email, password } : undefined;
}

/** Signs in each time the engine comes up without a session. */
export function signInForDemo(host: EngineHost, { gateway, email, password }: DemoAccount, log: MainLog): void {
  const signIn = async (): Promise<void> => {
    // A window that was left locked changes no address; whoever signs in takes the place of whoever locked it.
    if ((await host.calls.getAccount()).name === 'locked') await host.calls.signOut();
    // A demonstration's backend has another address each time.
    await host.calls.changeSettings({ gateway });
    const account = await host.calls.getAccount();
    if (account.name !== 'signedIn') await host.calls.signIn({ email, password });
  };
  host.onState((state) => {
    if (state === 'running') signIn().catch((error: unknown) => log.warn('demo.not-signed-in', { reason: error instanceof Error ? error.message : undefined }));
  });
}
