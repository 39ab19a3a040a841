import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Unreachable } from './problem';

/** Attempts under one key, as long as nobody knows whether the first of them got through. */
export class Attempts {
  private last: { body: string; key: string } | undefined;

  /** The key of a submission: that of the attempt before when it was the same and its answer was lost. */
  key(body: unknown): string {
    const text = JSON.stringify(body);
    if (this.last?.body !== text) this.last = { body: text, key: crypto.randomUUID() };
    return this.last.key;
  }

  /** An answer came, whatever it was: the next submission is a new one. */
  answered(): void {
    this.last = undefined;
  }
}

/**
 * A command of a form or a button. Each submission has an idempotency key, and a repeat of one whose answer was lost has the same, so
 * that nothing happens twice. Once it is done everything on the screen is asked for again: what a command moves shows in many places.
 */
export function useCommand<Body, Result>(
  run: (body: Body, key: string) => Promise<Result>,
  done?: (result: Result) => void,
) {
  const attempts = useRef(new Attempts());
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (body: Body) => {
      const key = attempts.current.key(body);
      try {
        const result = await run(body, key);
        attempts.current.answered();
        return result;
      } catch (error) {
        if (!(error instanceof Unreachable)) attempts.current.answered();
        throw error;
      }
    },
    onSuccess: async (result) => {
      done?.(result);
      await cache.invalidateQueries();
    },
  });
}
