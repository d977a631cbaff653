/** @file The window's entry: a sandboxed page that knows the engine only through `window.relevo`. */
import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import '../ui/theme/base.css';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import type { RelevoBridge } from '../../shared/app-contract.ts';
import { ClientProvider } from '../client/client-context.tsx';
import { createRelevoClient } from '../client/relevo-client.ts';
import { installTheme } from '../ui/theme/theme-stylesheet.ts';
import { App } from './app.tsx';

declare global {
  interface Window {
    readonly relevo: RelevoBridge;
  }
}

// Compiled schemas need `eval`, which the policy refuses; without this each window would report a violation.
config({ jitless: true });
installTheme(document);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <ClientProvider client={createRelevoClient(window.relevo)}>
    <App />
  </ClientProvider>,
);
