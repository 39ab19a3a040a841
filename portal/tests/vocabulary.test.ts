import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en, zh } from './allWords';

const above = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

interface Property {
  enum?: (string | null)[];
  description?: string;
}
interface Contract {
  components: { schemas: Record<string, { properties?: Record<string, Property> }> };
}
const { schemas } = (JSON.parse(above('openapi/openapi.json')) as Contract).components;

/** The closed lists of the contract, by schema and field. */
const lists = new Map<string, string[]>(
  Object.entries(schemas).flatMap(([schema, { properties }]) =>
    Object.entries(properties ?? {}).flatMap(([field, property]): [string, string[]][] =>
      property.enum ? [[`${schema}.${field}`, property.enum.filter((word) => word !== null)]] : [],
    ),
  ),
);

/** The words that a field has by its description alone, where the contract does not close the list. */
const described = (place: string): string[] => {
  const [schema = '', field = ''] = place.split('.');
  const text = schemas[schema]?.properties?.[field]?.description ?? '';
  return [...text.matchAll(/`([a-z_]+)`/g)].map((found) => found[1] ?? '');
};

/** Words of a list in a source of the program: what the contract only tells as text. */
function register(path: string, from: string, form: RegExp): string[] {
  const text = above(path);
  const begin = text.indexOf(from);
  expect(begin, `${path} has no ${from}`).toBeGreaterThan(-1);
  const end = text.indexOf('\n}', begin) < 0 ? text.length : text.indexOf('\n}', begin);
  return [...text.slice(begin, end).matchAll(form)].map((found) => found[1] ?? '');
}
const VARIANT = /^\s+\w+ = "([a-z_]+)"/gm;

/** Which words of the portal print which closed list. */
const printed: Record<string, string[]> = {
  'Allocation.state': ['state'],
  'AllocationApplication.origin': ['grant.origins'],
  'AllocationApplication.state': ['application.states'],
  'AllocationBatch.state': ['state'],
  'Amendment.kind': ['terms.kinds'],
  'Amendment.state': ['state'],
  'ApiClient.state': ['user.states'],
  'AreaSuspension.medium': ['suspension.media'],
  'Auction.format': ['auction.formats', 'auction.formatHint'],
  'Auction.state': ['state'],
  'AuctionBid.fault': ['auction.faults'],
  'AuctionLot.state': ['state'],
  'AuctionRegistration.state': ['state'],
  'Balance.asset_kind': ['audit.kinds'],
  'Balance.owner_kind': ['ownerKind'],
  'CapacityChange.state': ['capacity.changeStates'],
  'BankDifference.direction': ['reconciliation.directions'],
  'BankDifference.state': ['reconciliation.states'],
  'BankStatementMatch.way': ['reconciliation.ways'],
  'CalendarDayView.kind': ['officials.dayKinds'],
  'Certificate.state': ['state'],
  'CertificateCheck.state': ['state'],
  'ClaimTransfer.state': ['claimTransfer.states'],
  'ComplianceYear.state': ['compliance.states'],
  'ConsentedSale.state': ['sale.states'],
  'DailyStatementLine.direction': ['reconciliation.directions'],
  'DecideTask.outcome': ['state'],
  'Decision.outcome': ['decision.outcomes'],
  'Decision.state': ['decision.states'],
  'DelegatedAct.act_kind': ['delegation.actKinds'],
  'Delegation.state': ['delegation.states'],
  'Delivery.state': ['delivery.states'],
  'DischargeHold.reason': ['hold.reasons'],
  'Disposal.mode': ['disposal.modes', 'disposal.modeHint'],
  'Disposal.state': ['state'],
  'DraftApplication.origin': ['grant.origins'],
  'DraftListing.price_basis': ['priceBasis'],
  'ExternalRegistration.status': ['external.states'],
  'ExtractCheck.kind': ['extract.kinds'],
  'FacilityPart.state': ['facility.states'],
  'Freeze.cause': ['freeze.causes'],
  'Freeze.state': ['freeze.states'],
  'LienNotice.cause': ['lienNotice.causes'],
  'MarketListing.price_basis': ['priceBasis'],
  'MarketListing.state': ['state'],
  'Me.organisation_state': ['organisation.states'],
  'AnswerObjection.outcome': ['objection.outcomes'],
  'Objection.outcome': ['objection.outcomes'],
  'Objection.subject_kind': ['subjectKind'],
  'RaiseObjection.subject_kind': ['subjectKind', 'objection.waitsLead'],
  'TradeOverride.state': ['override.states'],
  'Offer.mode': ['mode'],
  'Offer.price_basis': ['priceBasis'],
  'Offer.state': ['state'],
  'OperateReserve.kind': ['rightAct.kinds', 'reserve.leads'],
  'Operation.state': ['state'],
  'Organisation.state': ['organisation.states'],
  'PlanAuction.format': ['auction.formats', 'auction.formatHint'],
  'PermitMismatch.kind': ['permit.kinds'],
  'PermitMismatch.state': ['permit.mismatchStates'],
  'PaperCheck.kind': ['paper.kinds'],
  'Payment.trade_outcome': ['matched.outcomes'],
  'Pledge.state': ['state'],
  'ProposeAllocation.origin': ['grant.origins'],
  'ProposeDisposal.mode': ['disposal.modes', 'disposal.modeHint'],
  'ProposeOffer.price_basis': ['priceBasis'],
  'ProposeSurrender.cause': ['rightAct.causes'],
  'ProposeVariation.cause': ['rightAct.causes'],
  'PublicAnnouncement.kind': ['announcement'],
  'PublicResult.mode': ['mode'],
  'Reconciliation.state': ['state'],
  'RecordExternalRegistration.status': ['external.states'],
  'RegisterDay.kind': ['officials.dayKinds'],
  'RegisterOrganisation.kind': ['organisation.kinds'],
  'ReviewDecision.outcome': ['decision.reviews'],
  'ReviseApplication.origin': ['grant.origins'],
  'RightAct.kind': ['rightAct.kinds'],
  'RightAct.state': ['rightAct.states'],
  'Screening.step': ['state'],
  'SeenBalance.purpose': ['purpose'],
  'SeenTrade.mode': ['mode'],
  'SeenTrade.side': ['consent.seen.sides'],
  'SessionView.state': ['account.states'],
  'Statistics.by': ['statistics.by'],
  'SuspendArea.medium': ['suspension.media'],
  'Task.outcome': ['state'],
  'Task.state': ['state'],
  'Trade.mode': ['mode'],
  'Trade.price_basis': ['priceBasis'],
  'Trade.state': ['state'],
  'TrialAsset.kind': ['audit.kinds'],
  'User.state': ['user.states'],
  'VaryPermit.side': ['permit.vary', 'permit.varyLead'],
  'Webhook.state': ['user.states'],
};

/** Closed lists that no page prints: of what the portal has no page for, and of what it only decides by. */
const unprinted = [
  'BatchItem.origin',
  'DischargeDay.source',
  'DischargeHold.state',
  'Health.status',
  'Me.kind',
  'MoneyMovement.direction',
  'MonitorMessageFault.outcome',
  'OAuthError.error',
  'OperationEvent.event',
  'Outlet.edition',
  'Payment.cause',
  'Payment.state',
  'ProposeOffer.mode',
  'PublicAnnouncement.price_basis',
  'PublicAnnouncement.state',
  'PublicTrade.state',
  'Publication.state',
  'ReductionApplication.state',
  'RegisterOutlet.edition',
  'RightClass.origin',
  'ScreeningFinding.outcome',
  'SeenTrade.price_basis',
  'TradeSource.kind',
  'User.kind',
];

/** Lists that the contract tells as text. */
const told: [string, () => string[], string[]][] = [
  [
    'why the reserve acts',
    () => described('OperateReserve.cause').filter((word) => word !== 'cause'),
    ['rightAct.causes'],
  ],
  ['what is secured beside the principal', () => described('ApplyForPledge.claim_scope'), ['claim']],
  ['kinds of facts', () => register('src/parties/facts/fact.rs', 'FactKind {', VARIANT), ['facts.kinds']],
  ['what became of a delivery', () => described('DeliveryAttempt.outcome'), ['delivery.outcomes']],
  ['who has told a discharge', () => described('DischargeReport.source'), ['report.sources']],
  ['what lies on rights', () => described('Encumbrance.kind'), ['extract.lies']],
  ['kinds of extracts', () => described('Extract.kind'), ['extract.kinds']],
  ['how the use of rights is known', () => described('IdleRights.used_by'), ['idle.by']],
  ['how a consent stands', () => described('Consent.state'), ['state']],
  [
    'acts that wait for a second person',
    () => [
      ...register('src/rulebook/kind.rs', 'acts![', /^ {4}"([a-z_]+)",$/gm),
      ...register('src/decisions/approvals/mod.rs', 'OwnAct {', VARIANT),
      // The binding of acts tells which have no switch of their own.
      'approvals',
      'settlement_confirmation',
      'payment_match_undoing',
      'trade_override_revocation',
      'seller_permit_variation',
      'buyer_permit_variation',
    ],
    ['actOf'],
  ],
  [
    'kinds of things',
    () => [
      ...register('crates/accounting/src/journal.rs', 'SubjectKind {', VARIANT),
      // Tasks and decisions are also about what has no journal.
      'organisation',
      'rulebook',
      'reduction',
      'consent',
      'task',
    ],
    ['subjectKind'],
  ],
  ['who has a difference', () => described('BankDifference.side'), ['reconciliation.sides']],
  ['roles', () => register('src/access/policy.rs', 'Role {', VARIANT), ['role']],
  [
    'purposes of accounts',
    () => register('crates/accounting/src/account.rs', 'purposes! {', /= "([a-z_]+)",/g),
    ['purpose'],
  ],
  ['states of a month', () => described('Period.state'), ['period.states']],
  ['kinds of ratings', () => described('PublicRating.kind'), ['rating.kinds']],
  ['rules', () => register('src/rulebook/hubei.rs', 'RULES:', /^ {4}\("([a-z0-9_]+)"/gm), ['rule']],
];

interface Words {
  [name: string]: string | Words;
}

/** The texts of a group of words. */
function group(words: Words, name: string): Words {
  const found = name
    .split('.')
    .reduce<string | Words | undefined>((inner, part) => (typeof inner === 'object' ? inner[part] : undefined), words);
  if (typeof found !== 'object') throw new Error(`no words are called ${name}`);
  return found;
}

/** What somebody would read as a code, because it has no word. */
const lacking = (groups: readonly string[], words: readonly string[]): string[] =>
  Object.entries({ zh, en }).flatMap(([language, all]) =>
    groups.flatMap((name) => {
      const there = group(all, name);
      return words.filter((word) => typeof there[word] !== 'string').map((word) => `${language}: ${name}.${word}`);
    }),
  );

describe('the words of the contract', () => {
  it('are known for each closed list: printed in words, or by no page', () => {
    expect([...lists.keys()].filter((place) => !(place in printed) && !unprinted.includes(place))).toEqual([]);
    expect([...Object.keys(printed), ...unprinted].filter((place) => !lists.has(place))).toEqual([]);
  });

  it.each(Object.entries(printed))('have a text in both languages: %s', (place, groups) => {
    expect(lacking(groups, lists.get(place) ?? [])).toEqual([]);
  });

  it.each(told)('have a text in both languages: %s', (_, words, groups) => {
    const found = words();
    expect(found.length).toBeGreaterThan(1);
    expect(lacking(groups, found)).toEqual([]);
  });

  it('would be missed', () => {
    expect(lacking(['subjectKind'], ['trade', 'nothing_of_the_kind'])).toEqual([
      'zh: subjectKind.nothing_of_the_kind',
      'en: subjectKind.nothing_of_the_kind',
    ]);
  });
});
