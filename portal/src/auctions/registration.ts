import type { Schemas } from '../api/client';
import { product } from '../figures/decimal';

type Registration = Schemas['AuctionRegistration'];

/** The registration of an organisation for a lot: the last one that it has not taken back. */
export const registrationOf = (
  registrations: readonly Registration[],
  lot: string,
  organisation: string | undefined,
): Registration | undefined =>
  registrations.findLast((one) => one.lot === lot && one.organisation === organisation && one.state !== 'withdrawn');

/** The rule of a session that says which share of base price × quantity its deposit is. */
const DEPOSIT_RATE = 'deposit_rate';

/** What registering for so much of a lot holds, CNY: the session's share of base price × quantity, all of it where no rule says so. */
export function depositFor(
  { rules }: Pick<Schemas['Auction'], 'rules'>,
  { base_price }: Pick<Schemas['AuctionLot'], 'base_price'>,
  quantity: string,
): string {
  const base = product(base_price, quantity);
  const rate = rules.find((rule) => rule.name === DEPOSIT_RATE)?.value;
  return rate ? product(base, rate) : base;
}
