import { beforeEach } from 'vitest';
import { people } from './support';

// Of a journey that fails on another machine nothing is left but what it printed: what each person saw is the first thing one asks.
beforeEach(({ onTestFailed }) => {
  onTestFailed(async ({ task }) => {
    for (const [at, person] of [...people].entries()) {
      await person.tells(`failed-${task.file.name.replace(/\W+/g, '-')}-${String(at + 1)}`);
    }
  });
});
