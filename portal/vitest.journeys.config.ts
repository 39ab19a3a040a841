import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By their names: they live in one book, where each finds what the ones before have left, in the same order on every machine. */
class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1)));
  }
}

/** Journeys through a real server in a real browser, one after the other: they live in one book. */
export default defineConfig({
  test: {
    include: ['journeys/**/*.journey.ts'],
    environment: 'node',
    setupFiles: ['journeys/failures.ts'],
    fileParallelism: false,
    sequence: { shuffle: false, sequencer: ByName },
    // Browsers share two cores: a journey that takes twenty seconds alone may take ten times as long beside others. The script bounds them all.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    bail: 1,
  },
});
