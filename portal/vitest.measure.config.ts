import { defineConfig } from 'vitest/config';

/** Measurements in a real browser that is slowed down, of a server that `scripts/bench-portal.sh` has started. */
export default defineConfig({
  test: {
    include: ['journeys/**/*.measure.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
