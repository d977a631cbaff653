import { MantineProvider, useMantineColorScheme } from '@mantine/core';
import { useEffect, useState } from 'react';
import { assertNever } from '../../shared/assert-never.ts';
import type { Person } from '../../shared/domain/account.ts';
import { useAccount, useClient } from '../client/client-context.tsx';
import { useStore } from '../client/store.ts';
import { useSettings } from '../client/use-settings.ts';
import { LockScreen } from '../features/lock/lock-screen.tsx';
import { SignInScreen } from '../features/sign-in/sign-in-screen.tsx';
import { WordingProvider } from '../texts/texts-context.tsx';
import { theme } from '../ui/theme/theme.ts';
import { AppearanceTools } from './appearance-tools.tsx';
import { settingsColorSchemeManager } from './colour-scheme.ts';
import { Shell } from './shell.tsx';
import { StartScreen } from './start-screen.tsx';

/** The window: which of its faces is shown follows from the account alone. */
export function App() {
  const { settings } = useSettings();
  useEffect(() => {
    document.documentElement.lang = settings.language;
  }, [settings.language]);
  return (
    // See [Note: styles without inline style].
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={settingsColorSchemeManager} withCssVariables={false} withGlobalClasses={false}>
      <FollowTheme />
      <WordingProvider language={settings.language}>
        <Face />
      </WordingProvider>
    </MantineProvider>
  );
}

function Face() {
  const account = useAccount();
  const engine = useStore(useClient().engine);
  if (!account) return <StartScreen failed={engine === 'failed'} />;
  switch (account.name) {
    case 'signedOut':
      return <SignInScreen tools={<AppearanceTools />} />;
    case 'locked':
      return <Locked key={`${account.gateway} ${account.person.id}`} person={account.person} gateway={account.gateway} />;
    case 'signedIn':
    case 'expired':
      return <Shell key={`${account.gateway} ${account.person.id}`} person={account.person} />;
    default:
      return assertNever(account);
  }
}

/** Whoever comes to a locked window opens it, or signs in instead of the one who is. */
function Locked({ person, gateway }: { person: Person; gateway: string }) {
  const [asAnother, setAsAnother] = useState(false);
  const tools = <AppearanceTools />;
  if (asAnother) return <SignInScreen tools={tools} locked={{ person, gateway, onBack: () => setAsAnother(false) }} />;
  return <LockScreen person={person} tools={tools} onOther={() => setAsAnother(true)} />;
}

function FollowTheme() {
  const { settings } = useSettings();
  // Switching transitions off meanwhile would write a style element, which the window's policy refuses.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const scheme = settings.theme === 'system' ? 'auto' : settings.theme;
  useEffect(() => setColorScheme(scheme), [scheme, setColorScheme]);
  return null;
}
