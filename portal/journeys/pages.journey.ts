import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, Desk, type Language, launch, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

/** Every page of each desk; a name in braces is the first of a list that the API has. */
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
      offers: '/offers',
      trades: '/trades',
      trade: '/trades/{trades}',
      auctions: '/auctions',
      auction: '/auctions/{auctions}',
      pledges: '/pledges',
      consents: '/consents',
      statements: '/statements',
      rulebook: '/rulebook',
    },
  },
  bank: {
    login: 'huifa.pledgee',
    pages: { book: '/', pledge: '/pledges/{pledges}', apply: '/pledges/apply', consents: '/consents' },
  },
  bureau: {
    login: 'city.head',
    pages: { inbox: '/', batches: '/batches', capacities: '/capacities', trades: '/trades' },
  },
  exchange: { login: 'exchange.officer', pages: { inbox: '/', auction: '/auctions/{auctions}' } },
  auditor: {
    login: 'auditor',
    pages: { 'trial-balance': '/', verify: '/audit/verify', balances: '/audit/balances?asset=CNY&purpose=available' },
  },
};

/** The address with the first of the lists that it names. */
async function address(path: string, desk: Desk): Promise<string> {
  const list = /\{(\w+)\}/.exec(path)?.[1];
  if (list === undefined) return path;
  const found = await desk.finds<{ items: { id: string }[] }>(`/${list}?limit=1`);
  return path.replace(/\{\w+\}/, found.items[0]?.id ?? '');
}

describe.each(Object.entries(desks))('the pages of the desk %s', (name, { login, pages }) => {
  it('are accessible, in both languages, by day and by night, and on a telephone', async () => {
    const looks: { language: Language; isPhone?: boolean; isDark?: boolean }[] = [
      { language: 'zh' },
      { language: 'en', isDark: true },
      { language: 'zh', isPhone: true },
    ];
    const desk = await Desk.of(login ?? 'auditor');
    for (const look of looks) {
      const person = await Person.at(browser, look);
      const sort = `${look.language}${look.isPhone ? '-phone' : ''}${look.isDark ? '-dark' : ''}`;
      if (login !== undefined) await person.signsIn(login);
      for (const [page, path] of Object.entries(pages)) {
        await person.opens(await address(path, desk));
        await person.pictures(`${name}-${page}-${sort}`);
        await person.isAccessible(`${name} ${page} ${sort}`);
        const wide = await person.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(wide, `${name} ${page} ${sort} runs out at the side`).toBeLessThanOrEqual(0);
      }
      await person.leaves();
    }
  }, 180_000);
});
