/**
 * @file End-to-end runs in real Electron. One at a time: each has an app, an engine and a backend of its own, and figures mean something
 * only when nothing else runs. No retries: what fails once in ten fails.
 *
 * `RELEVO_E2E_REPORT=FILE` writes a JSON report beside the list on the terminal.
 */
import { defineConfig } from '@playwright/test';

const report = process.env.RELEVO_E2E_REPORT;

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results/e2e',
  globalSetup: './harness/global-setup.ts',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  preserveOutput: 'always',
  reporter: report ? [['list'], ['json', { outputFile: report }]] : [['list']],
});
