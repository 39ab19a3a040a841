import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  administrator,
  type Browser,
  Desk,
  firstPassword,
  launch,
  onOneDatabase,
  Person,
  server,
  stretch,
} from './support';

let browser: Browser;
/** 力威电工, and 亚细亚陶瓷 in English, who bid against each other. */
let first: Person;
let second: Person;
beforeAll(async () => {
  browser = await launch();
  [first, second] = await Promise.all([Person.at(browser), Person.at(browser, { language: 'en' })]);
  await Promise.all([first.signsIn('liwei.trader'), second.signsIn('yaxiya.trader')]);
});
afterAll(async () => {
  await Promise.all([first.leaves(), second.leaves()]);
  await browser.close();
});

it('two traders bid against each other, each sees the other at once, and a stranger looks on', async () => {
  const desk = await Desk.of('liwei.trader');
  const { items } = await desk.finds<{ items: { id: string; title: string }[] }>('/auctions?state=open');
  const auction = items.find((one) => one.title === '咸宁市储备排污权竞价专场')?.id ?? '';
  await Promise.all([first.opens(`/auctions/${auction}`), second.opens(`/auctions/${auction}`)]);
  await Promise.all([first, second].map(({ page }) => page.getByRole('timer').waitFor()));

  // Whoever bids with the keyboard is asked once, in view of the time that is left, and Enter answers.
  await first.page.getByRole('textbox', { name: '报价' }).fill('8790.00');
  await first.page.getByRole('textbox', { name: '报价' }).press('Enter');
  const asked = first.page.getByRole('dialog', { name: '提交报价' });
  await asked.getByRole('timer').waitFor();
  await asked.getByText('17,580.00').waitFor();
  await expect
    .poll(() => asked.getByRole('button', { name: '提交报价' }).evaluate((one) => one === document.activeElement))
    .toBe(true);
  await first.pictures('journey-bid-asked');
  await first.page.keyboard.press('Enter');
  await first.page.getByText('报价已收到').waitFor();
  await second.page.getByTestId('best').filter({ hasText: '8,790.00' }).waitFor({ timeout: 5_000 });

  // Off the step, and for more than there is a deposit: both rules are told.
  await second.page.getByRole('textbox', { name: 'Price' }).fill('8795.00');
  await second.page.getByRole('textbox', { name: 'Quantity' }).fill('2.500');
  await second.does('Place the bid');
  const refusal = second.page.getByRole('alert').filter({ hasText: 'AUC_OFF_STEP' });
  await refusal.waitFor();
  expect(await refusal.textContent()).toContain('AUC_NO_DEPOSIT');
  await second.pictures('journey-bid-refused');
  await second.page.getByRole('textbox', { name: 'Price' }).fill('8890.00');
  await second.page.getByRole('textbox', { name: 'Quantity' }).fill('2.000');
  await second.does('Place the bid');
  await first.page.getByTestId('best').filter({ hasText: '8,890.00' }).waitFor({ timeout: 5_000 });
  await first.page.getByRole('row', { name: /2 号.*8,890\.00/ }).waitFor({ timeout: 5_000 });
  await first.pictures('journey-auction');

  const stranger = await Person.at(browser);
  await stranger.opens(`/public/auctions/${auction}`);
  const told = await stranger.page.getByRole('table').last().textContent();
  expect(told).toContain('8,890.00');
  expect(told).not.toContain('亚细亚');
  await stranger.leaves();
});

/** What a field of date and time shows so many seconds from now, by the clock of the server and in business time. */
async function moments(...seconds: number[]): Promise<string[]> {
  const answer = await fetch(`${server}/api/v1/public/installation`);
  const { business_time: now } = (await answer.json()) as { business_time: string };
  const EIGHT_HOURS = 8 * 3_600;
  return seconds.map((one) =>
    new Date(Date.parse(now) + (one + EIGHT_HOURS) * 1_000).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length),
  );
}

/** Fills in when bidders register and when bidding opens and closes, in seconds from now. */
async function timed({ page }: Person, ...seconds: number[]): Promise<void> {
  const dialog = page.getByRole('dialog', { name: '安排竞价专场' });
  const found = await moments(...seconds);
  for (const [place, label] of ['报名截止', '开始', '计划结束'].entries())
    await dialog.getByLabel(label, { exact: true }).fill(found[place] ?? '');
}

/** The address of a session's page, once whoever has planned it is there. */
async function planned({ page }: Person): Promise<string> {
  await page.waitForURL(/\/auctions\/[0-9a-f-]{36}$/);
  await page.getByText('至少须有一个标的').waitFor();
  return new URL(page.url()).pathname;
}

/** 亚细亚陶瓷 registers for the lot that it looks at. */
async function registers(bidder: Person): Promise<void> {
  await bidder.page.getByLabel('最多需要').waitFor();
  await bidder.chooses('建设项目', 'P2022-001');
  await bidder.page.getByLabel('最多需要').fill('0.500');
  // 0.500 t at 8,790.00, of which the rulebook holds 30 %.
  await bidder.does('报名并占用保证金', (asked) => asked.getByText('1,318.50').waitFor());
}

const LUSHUI = 'COD · 有偿取得 · 陆水';
const HOUR = 3_600;

onOneDatabase(
  'the exchange plans a session, the reserve puts a lot in and out, a bidder is refused and takes back, and it is called off',
  async () => {
    const [officer, seller, bidder] = await Promise.all([
      Person.at(browser),
      Person.at(browser),
      Person.at(browser, { isPhone: true }),
    ]);
    await Promise.all([
      officer.signsIn('exchange.officer').then(() => officer.goes('/auctions')),
      seller.signsIn('reserve.trader'),
      bidder.signsIn('yaxiya.trader'),
    ]);

    // It opens before registration ends, and says again what the rulebook says: both are told at their fields, and nothing is planned.
    await officer.does('安排竞价专场', async (dialog) => {
      await dialog.getByLabel('专场名称').fill('咸宁市排污权竞价专场');
      await dialog.getByLabel('最少竞买人数').fill('3');
      await dialog.getByLabel('加价幅度').fill('50.00');
      await timed(officer, 3 * HOUR, 2 * HOUR, 4 * HOUR);
      await dialog.getByRole('button', { name: '安排竞价专场' }).click();
      const refusal = dialog.getByRole('alert').filter({ hasText: 'AUC_BAD_WINDOWS' });
      await refusal.getByText('最少竞买人数 已由规则库确定').waitFor();
      await officer.pictures('journey-session-refused');
      await officer.isAccessible('a session that is refused');
      await dialog.getByLabel('最少竞买人数').fill('');
      await timed(officer, 2 * HOUR, 2 * HOUR, 4 * HOUR);
    });
    const session = await planned(officer);

    await seller.goes(session);
    const puts = async () =>
      seller.does('提交标的', async (dialog) => {
        await seller.chooses('出售哪一项', LUSHUI);
        await dialog.getByLabel('数量', { exact: true }).fill('0.500');
        await dialog.getByLabel('起始价').fill('8790.00');
      });
    await puts();
    await seller.does('取出标的');
    await puts();
    await seller.page.getByRole('heading', { name: '标的 2' }).waitFor();
    await seller.pictures('journey-lot');
    await officer.opens(session);
    await officer.does('公告专场');

    await bidder.goes(session);
    await registers(bidder);
    await bidder.page.getByText('您的编号是 1').waitFor();
    await officer.opens(session);
    await officer.does('不予准入', (dialog) => dialog.getByLabel('理由').fill('材料不全'));
    await bidder.opens(session);
    await bidder.page.getByText('材料不全').waitFor();
    await registers(bidder);
    await bidder.page.getByText('您的编号是 2').waitFor();
    await bidder.pictures('journey-registration-phone');
    await bidder.does('撤回报名');
    await bidder.page.getByRole('button', { name: '报名并占用保证金' }).waitFor();
    await officer.does('取消专场', (dialog) => dialog.getByLabel('理由').fill('标的信息有误'));
    await officer.page.getByText('标的信息有误').first().waitFor();
    await Promise.all([officer.leaves(), seller.leaves(), bidder.leaves()]);
  },
);

/** A second official of the exchange, whom its administrator registers. Gives the login. */
async function colleague(): Promise<string> {
  const admin = await Desk.of(await administrator('91420100ma00009015'));
  const { organisation } = await admin.finds<{ organisation: string }>('/me');
  const login = `exchange.${Date.now()}`;
  await admin.does('/users', { organisation, login, name: '第二名工作人员', roles: ['exchange_officer'] });
  return firstPassword(login);
}

interface Items {
  items: { id: string }[];
}

/** 力威电工 registers and bids beside the other, through the API: a lot for which only one bids fails. */
async function rival(session: string): Promise<{ registers: () => Promise<void>; bids: () => Promise<void> }> {
  const trader = await Desk.of('liwei.trader');
  const site = (await trader.finds<Items>('/sites?number=SA0000002J')).items[0]?.id;
  const project = (await trader.finds<Items>(`/projects?site=${site}`)).items[0]?.id;
  const lot = async () => (await trader.finds<Items>(`${session}/lots`)).items[0]?.id;
  return {
    registers: async () => {
      await trader.does(`${session}/registrations`, { lot: await lot(), site, project, quantity: '0.500' });
    },
    bids: async () => {
      while ((await trader.finds<{ state: string }>(session)).state === 'announced') await pause(250);
      const terms = { price: '8790.00', quantity: '0.500', salt: randomBytes(32).toString('hex') };
      await trader.does(`${session}/bids`, { lot: await lot(), ...terms });
    },
  };
}

/** The reserve puts a lot in, as the journey above does in the browser. */
async function puts(session: string): Promise<void> {
  const reserve = await Desk.of('reserve.trader');
  const { organisation } = await reserve.finds<{ organisation: string }>('/me');
  const { items } = await reserve.finds<{ items: { id: string; organisation: string }[] }>('/sites?limit=200');
  const site = items.find((one) => one.organisation === organisation)?.id;
  const right_class = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';
  await reserve.does(`${session}/lots`, { site, right_class, quantity: '0.500', base_price: '8790.00' });
}

/** An official makes a key in the browser and gives its public half. Tells the private one, which is shown once. */
async function gives(official: Person): Promise<string> {
  let half = '';
  await official.does('提供公钥', async (dialog) => {
    await dialog.getByRole('button', { name: '在本机生成密钥对' }).click();
    const shown = official.page.getByRole('dialog', { name: '请保存私钥' });
    half = (await shown.locator('code').textContent()) ?? '';
    await shown.getByRole('button', { name: '我已妥善保存' }).click();
    await shown.waitFor({ state: 'hidden' });
  });
  return half.trim();
}

/** The exchange lets two bidders in, one after the other. */
async function letsBothIn(officer: Person): Promise<void> {
  const waiting = officer.page.getByRole('button', { name: '准入', exact: true });
  await waiting.nth(1).waitFor();
  await officer.does('准入');
  await waiting.nth(1).waitFor({ state: 'detached' });
  await officer.does('准入');
}

/** A bidder waits for the opening and bids. Tells the salt of the bid, which is shown once. */
async function bidsSealed(bidder: Person): Promise<string> {
  await bidder.page.getByRole('textbox', { name: '报价' }).fill('9000.00');
  await bidder.does('提交报价');
  const kept = bidder.page.getByRole('dialog', { name: '请保存这次报价' });
  const salt = (await kept.locator('code').nth(2).textContent())?.trim() ?? '';
  expect(salt).toMatch(/^[0-9a-f]{64}$/);
  await bidder.pictures('journey-sealed-bid');
  await bidder.isAccessible('a sealed bid that has arrived');
  await kept.getByRole('button', { name: '我已妥善保存' }).click();
  return salt;
}

/** Seconds from the plan until bidding opens, in which lot, keys and bidders come, and from then until it closes, on a quiet machine. */
const [BEFORE, BIDDING] = [16, 10];

onOneDatabase(
  'sealed bids are opened by two officials, each with the key that they have made, and the best of them becomes a trade',
  async () => {
    const second = await colleague();
    const [officer, other, bidder] = await Promise.all([Person.at(browser), Person.at(browser), Person.at(browser)]);
    await Promise.all([
      officer.signsIn('exchange.officer').then(() => officer.goes('/auctions')),
      other.signsIn(second),
      bidder.signsIn('yaxiya.trader'),
    ]);
    await officer.does('安排竞价专场', async (dialog) => {
      await dialog.getByLabel('专场名称').fill('咸宁市密封竞价专场');
      await officer.chooses('方式', '密封报价');
      const slower = stretch();
      await timed(officer, slower * BEFORE, slower * BEFORE, slower * (BEFORE + BIDDING));
    });
    const session = await planned(officer);
    const beside = await rival(session);

    const first = await gives(officer);
    await Promise.all([other.goes(session), puts(session)]);
    const last = await gives(other);
    await officer.opens(session);
    await officer.does('公告专场');
    await bidder.goes(session);
    await Promise.all([beside.registers(), registers(bidder)]);
    await bidder.page.getByText('您的编号是').waitFor();
    await officer.opens(session);
    await letsBothIn(officer);

    // Nobody reads a bid, but whoever has placed it keeps its salt.
    await bidder.opens(session);
    const [salt] = await Promise.all([bidsSealed(bidder), beside.bids()]);
    await officer.page.getByText('待开标').first().waitFor();
    expect(await officer.page.getByRole('table', { name: '报价' }).textContent()).not.toContain('9,000.00');

    // Only with both halves is anything opened, and what is published is what the bidder has kept.
    const hands = (official: Person, half: string) =>
      official.does('提交私钥', (dialog) => dialog.getByLabel('私钥').fill(half));
    await hands(officer, first);
    await officer.page.getByText('1 / 2').waitFor();
    await other.opens(session);
    await hands(other, last);
    await other.does('确认结果');
    await other.page.getByRole('table', { name: '结果' }).getByRole('link', { name: '交易' }).first().waitFor();
    await other.pictures('journey-sealed-opened');
    await other.isAccessible('a sealed session whose bids are opened');
    await bidder.opens(session);
    await bidder.page.getByText(salt).waitFor();
    await bidder.page.getByRole('table', { name: '结果' }).getByRole('link', { name: '交易' }).click();
    await bidder.arrives(/\/trades\/[0-9a-f-]{36}$/);
    await bidder.page.locator('.steps .now', { hasText: '已成交' }).waitFor();
    await Promise.all([officer.leaves(), other.leaves(), bidder.leaves()]);
  },
);

/** Seconds from the plan until bidding opens, how long it goes on, and how near the end a bid moves it, on a quiet machine. */
const [SOON, SHORT, SOFT] = [6, 8, 10];

/** Somebody registers for the only lot of a session, through the API. */
async function comes(login: string, session: string): Promise<void> {
  const trader = await Desk.of(login);
  const { organisation } = await trader.finds<{ organisation: string }>('/me');
  const { items: sites } = await trader.finds<{ items: { id: string; organisation: string }[] }>('/sites?limit=200');
  const site = sites.find((one) => one.organisation === organisation)?.id;
  const [lots, projects] = await Promise.all([
    trader.finds<Items>(`${session}/lots`),
    trader.finds<Items>(`/projects?site=${site}`),
  ]);
  const [lot, project] = [lots.items[0]?.id, projects.items[0]?.id];
  await trader.does(`${session}/registrations`, { lot, site, project, quantity: '0.500' });
}

/** The exchange runs a session that begins and ends in a moment, with a lot of the reserve and both bidders. Tells its address. */
async function atOnce(exchange: Desk, slower: number): Promise<string> {
  const windows = [SOON, SOON, SOON + SHORT].map((one) => slower * one);
  const [registration_until, opens_at, closes_at] = (await moments(...windows)).map((one) => `${one}+08:00`);
  const { id } = await exchange.does<{ id: string }>('/auctions', {
    title: '咸宁市储备排污权延时竞价专场',
    format: 'ascending',
    registration_until,
    opens_at,
    closes_at,
    own_rules: [
      { name: 'bid_step', value: '50.00' },
      { name: 'soft_close_seconds', value: String(Math.ceil(slower * SOFT)) },
    ],
  });
  const session = `/auctions/${id}`;
  await puts(session);
  await exchange.does(`${session}/announce`, {});
  await Promise.all([comes('liwei.trader', session), comes('yaxiya.trader', session)]);
  const { items } = await exchange.finds<Items>(`${session}/registrations`);
  for (const one of items) await exchange.does(`/auction-registrations/${one.id}/qualify`, {});
  return session;
}

/** When bidding ends, as the page shows it. */
const END = { zh: '预计结束', en: 'Ends' };
const end = ({ page }: Person, word: string) =>
  page
    .locator('.facts > div')
    .filter({ has: page.locator('dt', { hasText: word }) })
    .locator('dd')
    .first();
const shownEnd = async (person: Person, word: string) => (await end(person, word).textContent()) ?? '';

/** Waits until an end is shown that is later than one that was. */
async function movedFrom(before: string, person: Person, word: string): Promise<string> {
  await end(person, word).filter({ hasNotText: before }).waitFor();
  const after = await shownEnd(person, word);
  expect(after > before, `${after} is later than ${before}`).toBe(true);
  return after;
}

it('each of two late bids moves the end that both see, and when it has come both see who won and the winner what to do next', async () => {
  const exchange = await Desk.of('exchange.officer');
  const slower = stretch();
  const session = await atOnce(exchange, slower);
  await Promise.all([first.goes(session), second.goes(session)]);
  const bid = {
    zh: first.page.getByRole('button', { name: '提交报价' }),
    en: second.page.getByRole('button', { name: 'Place the bid' }),
  };
  await Promise.all([bid.zh.waitFor(), bid.en.waitFor()]);
  const planned = await shownEnd(first, END.zh);
  expect(await shownEnd(second, END.en)).toBe(planned);

  await first.page.getByRole('textbox', { name: '报价' }).fill('8790.00');
  await second.page.getByRole('textbox', { name: 'Price' }).fill('8840.00');
  // When few seconds are left, as the page counts them down.
  const late = async ({ page }: Person) =>
    expect
      .poll(async () => Number((await page.getByRole('timer').first().textContent())?.split(':').at(-1)), {
        interval: 100,
        timeout: slower * (SOON + SHORT + SOFT) * 1_000,
      })
      .toBeLessThan(slower * 6.5);
  await late(first);
  await first.does('提交报价');
  const once = await movedFrom(planned, second, END.en);
  expect(await movedFrom(planned, first, END.zh)).toBe(once);
  await late(second);
  await second.does('Place the bid');
  const twice = await movedFrom(once, first, END.zh);
  expect(await movedFrom(once, second, END.en)).toBe(twice);
  await first.pictures('journey-soft-close');

  // Nobody bids any more: the clock closes and ranks, and both pages tell.
  const results = [
    first.page.getByRole('table', { name: '结果' }),
    second.page.getByRole('table', { name: 'Results' }),
  ];
  await Promise.all(results.map((one) => one.waitFor({ timeout: (slower * SOFT + 10) * 1_000 })));
  for (const one of results)
    expect(await one.getByRole('row').nth(1).textContent()).toMatch(/亚细亚.*8,840\.00.*0\.500/);
  expect(await bid.zh.count()).toBe(0);
  await exchange.does(`${session}/confirm`, {});

  // What is won is a trade: once both counties have approved it, the winner pays the rest, and it is settled.
  await second.opens(session);
  await second.page.getByRole('table', { name: 'Results' }).getByRole('link', { name: 'Trade' }).click();
  await second.arrives(/\/trades\/[0-9a-f-]{36}$/);
  const trade = new URL(second.page.url()).pathname;
  for (const login of ['city.officer', 'tongcheng.officer'])
    await (await Desk.of(login)).does(`${trade}/approve`, { documents: [] });
  await second.opens(trade);
  await second.does('Pay');
  await second.page.locator('.steps .now', { hasText: 'Settled' }).waitFor();
});
