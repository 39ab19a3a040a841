/** Pages of what tasks, decisions and journals are about. */
const pages: Record<string, string> = {
  trade: '/trades',
  pledge: '/pledges',
  freeze: '/freezes',
  auction: '/auctions',
  listing: '/market',
  compliance_year: '/compliance',
  allocation: '/allocations',
  allocation_application: '/applications',
  reduction_application: '/reductions',
  tenure: '/right-acts',
  objection: '/objections',
  trade_override: '/trades/overrides',
};

/** Where a thing has a page of its own. */
export function addressOf(kind: string, subject: string): string | undefined {
  const page = pages[kind];
  return page === undefined ? undefined : `${page}/${subject}`;
}
