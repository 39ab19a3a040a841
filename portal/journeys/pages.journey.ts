import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zh } from '../tests/allWords';
import { administrator, type Browser, Desk, laidOpen, launch, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  [browser] = await Promise.all([launch(), prepared().then(objected)]);
});
afterAll(async () => browser.close());

interface Items {
  items: { id: string }[];
}

/** The settlement bank's statement of a day, which differs from the books. */
async function statement(): Promise<void> {
  const bank = await Desk.of('settlement.officer');
  const line = `2022-11-30,DZ${Date.now() % 10_000},in,321.00,往来款`;
  const document = await bank.uploads('流水.csv', `date,bank_reference,direction,amount,text\n${line}\n`);
  const { id } = await bank.does<{ id: string }>('/money/bank-statements', { day: '2022-11-30', document });
  const states = ['finished', 'failed'];
  let state = '';
  while (!states.includes(state)) ({ state } = await bank.finds<{ state: string }>(`/operations/${id}`));
  expect(state).toBe('finished');
}

/**
 * What a year of the market leaves to no page: an annual account, a buy-back, a version of the rulebook that waits, a freeze, a statement of
 * the bank, and an administrator.
 */
async function prepared(): Promise<void> {
  const trader = await Desk.of('liwei.trader');
  const site = 'SA0000002J';
  const owner = (await trader.finds<Items>(`/sites?number=${site}`)).items[0]?.id;
  const [reserve, officer, exchange] = await Promise.all([
    Desk.of('reserve.trader'),
    Desk.of('province.officer'),
    Desk.of('exchange.officer'),
  ]);
  const store = (await reserve.finds<{ items: { id: string; is_reserve: boolean }[] }>('/sites?limit=200')).items;
  const document = String(Date.now());
  const right_class = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';
  if ((await trader.finds<Items>('/compliance-years')).items.length === 0)
    await trader.does('/compliance-years', { site: owner, pollutant: 'COD', year: 2022 });
  await Promise.all([
    trader.does('/discharge-reports', {
      items: [{ site, pollutant: 'COD', period: '2022-10', quantity: '4.250', document: `执行报告${document}` }],
    }),
    reserve.does('/reserve-operations', {
      kind: 'buy_back',
      site: owner,
      reserve_site: store.find((one) => one.is_reserve)?.id,
      right_class,
      quantity: '1.000',
      total: '8790.00',
      cause: 'surplus',
      document: `鄂环储${document}`,
    }),
    trader.does('/encumbrance-searches', { site: owner, right_class }),
    applied(trader, owner),
    rated(),
    statement(),
    exchange.does('/freezes', {
      document: `(2022)鄂12执${document.slice(-4)}号`,
      court: '咸宁市中级人民法院',
      site: owner,
      right_class,
      quantity: '0.100',
    }),
    officer.does('/rulebooks', {
      effective_from: '2023-01-01',
      rules: [{ name: 'ltv_cap', value: '0.70', legal_basis: '示范' }],
    }),
    administrator(BANK).then(async (login) => {
      const keeper = await Desk.of(login);
      if ((await keeper.finds<Items>('/webhooks')).items.length === 0)
        await keeper.does('/webhooks', { url: 'https://bank.example/hooks/ganhe', kinds: ['pledge_registered'] });
    }),
  ]);
}

/** An application for rights that its bureau has to look at, as long as there is none. */
async function applied(trader: Desk, site: string | undefined): Promise<void> {
  if ((await trader.finds<Items>('/allocation-applications')).items.length > 0) return;
  const draft = await trader.does<{ id: string }>('/allocation-applications', {
    ...{ site, pollutant: 'NH3N', origin: 'paid', valid_from: '2022-12-01', valid_to: '2027-11-30' },
    ...{ quantity: '0.500', statement: '二期扩建项目，环评批复咸环审〔2022〕31号' },
  });
  await trader.does(`/allocation-applications/${draft.id}/submit`, { documents: [] });
}

/** An enterprise that was rated, for everybody to read. */
async function rated(): Promise<void> {
  const officer = await Desk.of('tongcheng.officer');
  if ((await officer.finds<Items>('/public/ratings')).items.length > 0) return;
  const { items } = await officer.finds<Items>('/organisations?code=91421222MA0000002J');
  const content = { kind: 'credit_rating', level: 'green', period: '2022Q3' };
  await officer.does('/facts', { organisation: items[0]?.id, source: '鄂环信评〔2022〕3号', content });
}

/** An objection to what is laid open, and an override of a boundary that the province is asked for. */
async function objected(): Promise<void> {
  const [objector, officer] = await Promise.all([Desk.of('yaxiya.trader'), Desk.of('city.officer')]);
  const [grant, evidence, ...sites] = await Promise.all([
    laidOpen(),
    officer.uploads('重点项目说明.csv', '示范\n'),
    ...['SA0000005D', 'SA0000002J'].map((number) => officer.finds<Items>(`/sites?number=${number}`)),
  ]);
  const [seller_site, buyer_site] = sites.map((found) => found.items[0]?.id);
  await Promise.all([
    objector.does('/objections', { subject_kind: 'allocation', subject: grant.id, text: '核定量超过环评批复' }),
    officer.does('/trade-overrides', {
      ...{ seller_site, buyer_site, right_class: 'COD-MULTI-PAID-YANGTZE-20210101-20251231', quantity: '1.000' },
      ...{ valid_until: '2023-06-30', reason: '省重点项目，流域内无可交易量', documents: [evidence] },
    }),
  ]);
}

/** The bank whose administrator looks at their pages. */
const BANK = '91421222MA0000903Q'.toLowerCase();

/** Every page of each desk; in braces is the first of a list that the API has, and after a colon which of its ids. */
const desks: Record<string, { login?: string; pages: Record<string, string> }> = {
  public: {
    pages: {
      trades: '/public/trades',
      announcements: '/public/announcements',
      auctions: '/public/auctions',
      auction: '/public/auctions/{auctions}',
      statistics: '/public/statistics',
      capacities: '/public/capacities',
      certificates: '/public/certificates',
      ratings: '/public/ratings',
      refusals: '/public/refusals',
      log: '/public/log',
      apply: '/public/apply',
      'password-reset': '/public/password-reset',
      'sign-in': '/sign-in',
      nowhere: '/nowhere',
    },
  },
  enterprise: {
    login: 'liwei.trader',
    pages: {
      home: '/',
      tasks: '/tasks',
      holdings: '/holdings',
      market: '/market',
      sell: '/market/sell',
      listing: '/market/{listings}',
      offers: '/offers',
      trades: '/trades',
      trade: '/trades/{trades}',
      applications: '/applications',
      application: '/applications/{allocation-applications}',
      grant: '/allocations/{allocations}',
      reductions: '/reductions',
      auctions: '/auctions',
      auction: '/auctions/{auctions}',
      pledges: '/pledges',
      pledge: '/pledges/{pledges}',
      facilities: '/facilities',
      extracts: '/extracts',
      consents: '/consents',
      permits: '/permits',
      compliance: '/compliance',
      'compliance-year': '/compliance/{compliance-years}',
      'access-log': '/access-log',
      organisation: '/organisation',
      account: '/account',
      statements: '/statements',
      statement: '/statements/{balances?asset=CNY&purpose=available:account}',
      objections: '/objections',
      'right-act': '/right-acts/{right-acts}',
    },
  },
  bank: {
    login: 'huifa.pledgee',
    pages: {
      book: '/',
      pledge: '/pledges/{pledges}',
      apply: '/pledges/apply',
      facilities: '/facilities',
      extracts: '/extracts',
      consents: '/consents',
    },
  },
  bureau: {
    login: 'city.head',
    pages: {
      inbox: '/',
      batches: '/batches',
      grants: '/batches?view=grants',
      application: '/applications/{allocation-applications}',
      reduction: '/reductions/{reduction-applications}',
      capacities: '/capacities',
      sites: '/sites',
      capacity: '/capacities/{capacities}',
      permits: '/permits',
      organisations: '/organisations',
      facts: '/facts',
      compliance: '/compliance',
      monitors: '/compliance?part=monitors',
      reserve: '/reserve',
      trades: '/trades',
      overrides: '/trades/overrides',
      override: '/trades/overrides/{trade-overrides}',
      'right-acts': '/right-acts',
      objection: '/objections/{objections}',
      publications: '/publications',
      decisions: '/decisions',
    },
  },
  review: { login: 'city.reviewer', pages: { decisions: '/' } },
  province: { login: 'province.head', pages: { rulebook: '/rulebook', 'rulebook-edit': '/rulebook/edit' } },
  reserve: { login: 'reserve.trader', pages: { desk: '/' } },
  administration: {
    login: `${BANK}.organisation_admin`,
    pages: {
      organisation: '/',
      webhooks: '/webhooks',
      webhook: '/webhooks/{webhooks}',
      clients: '/clients',
      roles: '/roles',
    },
  },
  exchange: {
    login: 'exchange.officer',
    pages: {
      auctions: '/',
      inbox: '/tasks',
      auction: '/auctions/{auctions}',
      publications: '/publications',
      freezes: '/freezes',
      freeze: '/freezes/{freezes}',
    },
  },
  operation: {
    login: 'operator',
    pages: {
      organisation: '/',
      inbox: '/tasks',
      clients: '/clients',
      organisations: '/organisations',
      reference: '/reference',
    },
  },
  settlement: {
    login: 'settlement.officer',
    pages: {
      money: '/',
      reconciliation: '/reconciliation',
      statement: '/reconciliation/{money/bank-statements}',
      account: '/account',
    },
  },
  auditor: {
    login: 'auditor',
    pages: {
      'trial-balance': '/',
      verify: '/audit/verify',
      journals: '/audit/journals',
      reconciliation: '/reconciliation',
      journal: '/audit/journals/{audit/journals}',
      balances: '/audit/balances?asset=CNY&purpose=available',
      account: '/audit/accounts/{balances?asset=CNY&purpose=available:account}',
      'as-of': '/?as_of=2022-06-30T23:59:59.000000%2B08:00',
      'access-log': '/access-log',
      statement: '/audit/accounts/{balances?asset=CNY&purpose=available:account}/statement',
      periods: '/audit/periods',
      records: '/audit/records?table=trades&key={trades}',
      legacy: '/audit/legacy',
      refusals: '/audit/refusals',
      operations: '/operations',
      checks: '/rulebook/checks',
    },
  },
};

/** A list in an address, and the field of its first item that is meant. */
const NAMED = /\{([^}:]+)(?::(\w+))?\}/;

/** The address with the first of the lists that it names. */
async function address(path: string, desk: Desk): Promise<string> {
  const [whole, list = '', field = 'id'] = NAMED.exec(path) ?? [];
  if (whole === undefined) return path;
  const found = await desk.finds<{ items: Record<string, string>[] }>(
    `/${list}${list.includes('?') ? '&' : '?'}limit=1`,
  );
  const id = found.items[0]?.[field];
  if (id === undefined) throw new Error(`${path} has no address: /${list} is empty`);
  return path.replace(whole, id);
}

/** Every name of a text, as it would be shown where the words of a page are not loaded with it. */
const names = (function below(words: object, above = ''): string[] {
  return Object.entries(words).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null ? below(value, `${above}${name}.`) : [above + name],
  );
})(zh);

/** A page that its requests refused shows that, and one that there is not says so: neither is what somebody came for. */
async function isThere({ page }: Person, name: string): Promise<void> {
  expect(await page.locator('main .notice[role="alert"]').allTextContents(), `${name} shows a refusal`).toEqual([]);
  const shown = new Set((await page.locator('main').innerText()).split(/\s+/));
  expect(
    names.filter((one) => shown.has(one)),
    `${name} lacks words`,
  ).toEqual([]);
  const isNowhere = ['没有这个页面', 'There is no such page'].includes(
    (await page.locator('main h1').first().textContent()) ?? '',
  );
  expect(isNowhere, `${name} is no page`).toBe(name.includes('nowhere'));
}

/** A picture of a page, and that it is accessible and has room. */
async function isGood(person: Person, name: string, withColours = true): Promise<void> {
  await isThere(person, name);
  await person.pictures(name);
  await person.isAccessible(name, withColours);
  const wide = await person.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wide, `${name} runs out at the side`).toBeLessThanOrEqual(0);
}

it('every page that the portal has is looked at below', () => {
  const routes = readFileSync(new URL('../src/app/routes.tsx', import.meta.url), 'utf8');
  const published = [...routes.matchAll(/^ {2}'?([\w/:-]+)'?: pageOf\(/gm)].map((found) => `/public/${found[1] ?? ''}`);
  const own = [...routes.matchAll(/\{ path: '([\w/:-]+)', Component: lazy/g)].map((found) => `/${found[1] ?? ''}`);
  expect([published.length > 5, own.length > 35]).toEqual([true, true]);
  const looked = Object.values(desks).flatMap(({ pages }) => Object.values(pages));
  const addresses = new Set(looked.map((one) => one.replace(NAMED, ':id').replace(/\?.*/, '')));
  expect([...published, ...own].filter((one) => !addresses.has(one))).toEqual([]);
});

describe.each(Object.entries(desks))('the pages of the desk %s', (name, { login, pages }) => {
  it('are accessible, in both languages, by day and by night, and on a telephone', async () => {
    const [desk, person] = await Promise.all([Desk.of(login ?? 'auditor'), Person.at(browser)]);
    const addresses = await Promise.all(
      Object.entries(pages).map(async ([page, path]) => [page, await address(path, desk)] as const),
    );
    // The program is loaded once: pages are reached as by its links, and looked at in both widths before the next.
    if (login === undefined) await person.opens('/public/trades');
    else await person.signsIn(login);
    for (const [page, path] of addresses) {
      await person.goes(path);
      await isGood(person, `${name}-${page}-zh`);
      await person.turns(true);
      await isGood(person, `${name}-${page}-zh-phone`, false);
      await person.turns(false);
    }
    await person.page.emulateMedia({ colorScheme: 'dark' });
    await person.page.getByRole('button', { name: 'English' }).click();
    await person.page.getByRole('button', { name: '中文' }).waitFor();
    for (const [page, path] of addresses) {
      await person.goes(path);
      await isGood(person, `${name}-${page}-en-dark`);
    }
    await person.leaves();
  });
});
