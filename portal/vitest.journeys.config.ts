import { defineConfig } from 'vitest/config';

/** Journeys through a real server in a real browser, one after the other: they live in one book. */
export default defineConfig({
  test: {
    include: ['journeys/**/*.journey.ts'],
    environment: 'node',
    setupFiles: ['journeys/failures.ts'],
    fileParallelism: false,
    sequence: { shuffle: false },
    // Browsers share two cores: a journey that takes twenty seconds alone may take ten times as long beside others. The script bounds them all.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    bail: 1,
  },
});
