import type { Schemas } from '../api/client';

type Registration = Schemas['AuctionRegistration'];

/** The registration of an organisation for a lot: the last one that it has not taken back. */
export const registrationOf = (
  registrations: readonly Registration[],
  lot: string,
  organisation: string | undefined,
): Registration | undefined =>
  registrations.findLast((one) => one.lot === lot && one.organisation === organisation && one.state !== 'withdrawn');
