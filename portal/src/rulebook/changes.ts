import type { Schemas } from '../api/client';

type Rule = Schemas['Rule'];
type Change = Schemas['ChangeRule'];

/** What was typed for a rule: nothing switches its check off. */
export interface Draft {
  readonly value: string;
  readonly basis: string;
}

/** A rule as a form has it. */
export const draftOf = (rule: Rule): Draft => ({ value: rule.value ?? '', basis: rule.legal_basis ?? '' });

/** What of a rulebook is to change: the rules of which something else was typed than stands there. */
export function changesOf(rules: readonly Rule[], drafts: ReadonlyMap<string, Draft>): Change[] {
  return rules.flatMap((rule) => {
    const [draft, before] = [drafts.get(rule.name), draftOf(rule)];
    if (draft === undefined) return [];
    const [value, basis] = [draft.value.trim(), draft.basis.trim()];
    if (value === before.value && basis === before.basis) return [];
    return [{ name: rule.name, value: value === '' ? null : value, legal_basis: basis === '' ? null : basis }];
  });
}

/** The version that applies on a day: the last that has begun by then. */
export function appliesOn(versions: readonly Schemas['Rulebook'][], day: string): Schemas['Rulebook'] | undefined {
  return versions
    .filter((one) => one.effective_from <= day)
    .sort((a, b) => a.effective_from.localeCompare(b.effective_from) || a.version - b.version)
    .at(-1);
}

/** A proposed version as its task carries it; nothing when it is of another form. */
export function proposedIn(task: Schemas['Task']): Schemas['AdoptRulebook'] | undefined {
  const body: unknown = task.proposed?.body;
  const isOne = typeof body === 'object' && body !== null && 'effective_from' in body && 'rules' in body;
  return isOne ? (body as Schemas['AdoptRulebook']) : undefined;
}
