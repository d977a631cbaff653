import { defineConfig } from 'vitest/config';

const never = ['**/node_modules/**', '.vite/**', '.cache/**', 'out/**', 'e2e/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    // A leaked handle or listener in one file must not change what the next one sees.
    isolate: true,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles: ['test-support/property-seed.ts'],
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...never, '**/*.integration.test.ts', '**/*.spaces.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: [...never, 'fault-matrix/**'],
          // Real sockets, files and processes on a machine that may have two cores and other work.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'fault-matrix',
          include: ['fault-matrix/**/*.integration.test.ts'],
          exclude: never,
        },
      },
      {
        extends: true,
        test: {
          name: 'spaces',
          include: ['**/*.spaces.test.ts'],
          exclude: never,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
