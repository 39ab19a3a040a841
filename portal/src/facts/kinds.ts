/** What a fact can tell, the daily ones first. */
export const factKinds = [
  'credit_rating',
  'illegal_discharge',
  'major_violation',
  'major_accident',
  'over_permit_discharge',
  'fee_unpaid',
  'fee_settled',
  'park_rating',
] as const;

export type FactKind = (typeof factKinds)[number];

/** Whom or what each kind is about; of the others a site. */
export const subjectOf = (kind: string): 'organisation' | 'area' | 'site' =>
  kind === 'credit_rating' ? 'organisation' : kind === 'park_rating' ? 'area' : 'site';

export const isRating = (kind: string): boolean => kind === 'credit_rating' || kind === 'park_rating';

/** Whether it is told of a period and not of a day. */
export const hasPeriod = (kind: string): boolean => isRating(kind) || kind === 'over_permit_discharge';
