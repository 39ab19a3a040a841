import { defineConfig } from 'vitest/config';

/** How pages look does not depend on the database: they are looked at on one of them. */
const leftOut = process.env['DATABASE'] === 'postgres' ? ['journeys/pages.journey.ts'] : [];

/** Journeys through a real server in a real browser, one after the other: they live in one book. */
export default defineConfig({
  test: {
    include: ['journeys/**/*.journey.ts'],
    exclude: leftOut,
    environment: 'node',
    fileParallelism: false,
    sequence: { shuffle: false },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    bail: 1,
  },
});
