import type { components } from './contract';

export type Problem = components['schemas']['Problem'];
export type Violation = components['schemas']['Violation'];

/** A refusal of the API: RFC 9457, with every broken rule. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiProblem';
    this.problem = problem;
  }
}

/** What was answered when it was no problem of the API: a proxy, or no network at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'violations' in value &&
    Array.isArray(value.violations)
  );
}

/** The broken rules of whatever was thrown; none when it was no refusal. */
export function violationsOf(error: unknown): readonly Violation[] {
  return error instanceof ApiProblem ? error.problem.violations : [];
}

/** `rights[0].quantity` is the field `rights`, `0`, `quantity` of a form. */
export function pathOf(field: string): (string | number)[] {
  const words = field.split(/[.[\]]/).filter((word) => word !== '');
  return words.map((word) => (/^\d+$/.test(word) ? Number(word) : word));
}

/** The messages of each field of a form that something is wrong with. */
export function byField(violations: readonly Violation[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { field, message } of violations) {
    if (field === '') continue;
    found.set(field, [...(found.get(field) ?? []), message]);
  }
  return found;
}

/** What is answered, or the same refusal with each broken rule told as whoever reads it knows it. */
export async function retold<T>(pending: Promise<T>, tell: (violation: Violation) => Violation): Promise<T> {
  try {
    return await pending;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    throw new ApiProblem({ ...error.problem, violations: error.problem.violations.map(tell) });
  }
}
