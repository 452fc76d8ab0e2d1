import { defineConfig } from 'vitest/config';

// eslint-disable-next-line import/no-default-export -- vitest reads nothing else
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A machine that is busy otherwise makes no test fail: these are for what never comes.
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
