import type { Schemas } from '../api/client';

/** The term that runs now: what it is called, and its last day. */
export function runningTerm({
  state,
  ...terms
}: Schemas['AllocationApplication']): readonly [string, string] | undefined {
  const [name, until] =
    {
      submitted: ['accept', terms.accept_until] as const,
      correction_requested: ['correct', terms.correct_until] as const,
      accepted: ['decide', terms.decide_until] as const,
    }[state as string] ?? [];
  return name !== undefined && until ? [name, until] : undefined;
}
