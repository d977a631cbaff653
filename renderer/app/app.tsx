import { MantineProvider, useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import { useAccount, useClient } from '../client/client-context.tsx';
import { useStore } from '../client/store.ts';
import { useSettings } from '../client/use-settings.ts';
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
  if (account.name === 'signedOut') return <SignInScreen tools={<AppearanceTools />} />;
  return <Shell key={account.person.id} person={account.person} />;
}

function FollowTheme() {
  const { settings } = useSettings();
  // Switching transitions off meanwhile would write a style element, which the window's policy refuses.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const scheme = settings.theme === 'system' ? 'auto' : settings.theme;
  useEffect(() => setColorScheme(scheme), [scheme, setColorScheme]);
  return null;
}
