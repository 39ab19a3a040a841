import type { Schemas } from '../api/client';
import type { Violation } from '../api/problem';

type Format = Schemas['PlanAuction']['format'];

const ofEither = ['bid_step', 'bids_per_bidder', 'deposit_rate', 'min_bidders', 'winners_share'] as const;
const ofAscending = ['final_wait_seconds', 'final_bidding_seconds', 'soft_close_seconds'] as const;

/** A rule that a session sets for itself where the rulebook leaves it open. */
export type OwnRule = (typeof ofEither)[number] | (typeof ofAscending)[number];

/** The rules that a session of this format may set: a sealed one has a single round. */
export const rulesOf = (format: Format): readonly OwnRule[] =>
  format === 'sealed' ? ofEither : [...ofEither, ...ofAscending];

/** What was typed as the contract has it: nothing of a rule that was left empty. */
export const ownRules = (format: Format, typed: Partial<Record<OwnRule, string>>): Schemas['OwnRule'][] =>
  rulesOf(format).flatMap((name) => {
    const value = typed[name]?.trim() ?? '';
    return value === '' ? [] : [{ name, value }];
  });

/** What is wrong with the rules of a session, about the field of the rule that is meant and in the word that people have for it. */
export function aboutRule(violation: Violation, ruleName: (name: string) => string): Violation {
  if (violation.field !== 'own_rules') return violation;
  const named = [...ofEither, ...ofAscending].filter((name) => violation.message.includes(name));
  const [first] = named.sort((a, b) => violation.message.indexOf(a) - violation.message.indexOf(b));
  if (first === undefined) return violation;
  const message = named.reduce<string>((text, name) => text.replace(name, ruleName(name)), violation.message);
  return { ...violation, message, field: `own_rules.${first}` };
}
