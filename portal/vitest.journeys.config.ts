import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that leave more of what others choose from: after all others. */
const LAST = ['grants', 'offices', 'organisation', 'people', 'review'];
const place = ({ moduleId }: TestSpecification): string => {
  const name = moduleId.split('/').at(-1) ?? '';
  return `${LAST.some((one) => name.startsWith(`${one}.`)) ? '1' : '0'}${name}`;
};

/** In the same order on every machine: they live in one book, where each finds what the ones before have left. */
class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((one, other) => (place(one) < place(other) ? -1 : 1)));
  }
}

/** Journeys through a real server in a real browser, one after the other: they live in one book. */
export default defineConfig({
  test: {
    include: ['journeys/**/*.journey.ts'],
    environment: 'node',
    setupFiles: ['journeys/failures.ts'],
    fileParallelism: false,
    sequence: { shuffle: false, sequencer: InOrder },
    // Browsers share two cores: a journey that takes twenty seconds alone may take ten times as long beside others. The script bounds them all.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    bail: 1,
  },
});
