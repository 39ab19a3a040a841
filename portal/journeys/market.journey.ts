import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Locator } from 'playwright-core';
import { type Browser, Desk, launch, onOneDatabase, Person, server } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

/** What 力威电工 sells: of its rights to COD those that others do not make fewer. */
const RIGHT = 'COD · 有偿取得 · 陆水 · 至 2025-12-31';

interface Items<T> {
  items: T[];
}

/** The settlement bank has what 亚细亚陶瓷 has paid in: without that nobody buys. */
async function prepared(): Promise<void> {
  const bank = await Desk.of('settlement.officer');
  const buyer = (await bank.finds<Items<{ id: string }>>('/organisations?code=91421222MA0000001F')).items[0]?.id;
  await bank.does('/money/deposits', { organisation: buyer, amount: '20000.00', bank_reference: `XN${Date.now()}` });
}

/** 力威电工 goes on from the refusal to the registration of what it has reduced, and its bureau registers that on the evidence. */
async function registersReduction(seller: Person): Promise<void> {
  const statement = `二期废水深度处理投运 ${Date.now()}`;
  await seller.page.getByRole('link', { name: '申请减排登记' }).click();
  await seller.arrives(/\/reductions\?/);
  await seller.does('申请减排登记', async (dialog) => {
    await dialog.getByText('化学需氧量').waitFor();
    await dialog.getByLabel('年减排量').fill('2.000');
    await dialog.getByLabel('减排措施').fill(statement);
    const file = { name: '监测报告.txt', mimeType: 'text/plain', buffer: Buffer.from(statement) };
    await dialog.getByLabel('证明材料').setInputFiles(file);
    await seller.pictures('journey-reduction-form');
    await seller.isAccessible('an application for a reduction');
  });
  const own = seller.page.getByRole('table', { name: '登记申请' }).getByRole('row').filter({ hasText: statement });
  await own.getByText('待核定').waitFor();

  const officer = await Person.at(browser);
  await officer.signsIn('tongcheng.officer');
  // What came last is at the end of the inbox.
  await officer.page.getByRole('link', { name: '减排登记' }).and(officer.page.locator('main *')).last().click();
  await officer.arrives(/\/reductions\/[0-9a-f-]{36}$/);
  await officer.page.locator('dd').filter({ hasText: statement }).waitFor();
  await officer.page.locator('main').getByRole('button', { name: '证明材料' }).first().click();
  await officer.page.getByRole('button', { name: '监测报告.txt' }).waitFor();
  await officer.pictures('journey-reduction-task');
  await officer.isAccessible('a reduction to decide on');
  await officer.does('登记', (dialog) => dialog.getByLabel('文号').fill(`减排核定2022-${Date.now()}`));
  await officer.page
    .getByRole('table', { name: '登记申请' })
    .getByRole('row')
    .filter({ hasText: statement })
    .getByText('已登记')
    .waitFor();
  await officer.turns(true);
  await officer.pictures('journey-reductions-phone');
  await officer.leaves();
}

it('力威电工 registers what it has reduced and lists it, 亚细亚陶瓷 is told why it cannot buy too much, and buys what it may', async () => {
  await prepared();
  const seller = await Person.at(browser);
  await seller.signsIn('liwei.trader');
  await seller.opens('/market/sell');
  await seller.chooses('出售哪一项', RIGHT);
  await seller.page.getByLabel('数量', { exact: true }).fill('60.000');
  await seller.page.getByLabel('单价').fill('8790.00');
  await seller.page.getByLabel('最小成交量').fill('0.100');
  await seller.page.getByRole('button', { name: '保存为挂牌草稿' }).click();
  // More than was registered as reduced: every broken rule is told in words.
  await seller.page.getByRole('alert').first().waitFor();
  expect(await seller.page.getByRole('alert').first().textContent()).toContain('TRD_REDUCTION_NOT_REGISTERED');
  await seller.pictures('journey-sale-refused');
  await registersReduction(seller);
  await seller.opens('/market/sell');
  await seller.chooses('出售哪一项', RIGHT);
  await seller.page.getByLabel('单价').fill('8790.00');
  await seller.page.getByLabel('最小成交量').fill('0.100');
  await seller.page.getByLabel('数量', { exact: true }).fill('1.000');
  await seller.page.getByRole('button', { name: '保存为挂牌草稿' }).click();
  await seller.arrives(/\/market\/[0-9a-f-]{36}$/);
  await seller.page.getByRole('button', { name: '挂出' }).click();
  await seller.page.getByRole('dialog').getByRole('button', { name: '挂出' }).click();
  await seller.page.locator('.state', { hasText: '进行中' }).first().waitFor();
  const listing = new URL(seller.page.url()).pathname;

  // It is found by its right and its seller among what is on sale, and not among what somebody else sells.
  await seller.opens('/market');
  const found = seller.page.getByRole('table', { name: '挂牌' }).getByText('8,790.00');
  await seller.chooses('转让方', '力威电工');
  await seller.chooses('排污权', 'COD · 有偿取得 · 陆水 · 至 2025-12-31');
  await found.first().waitFor();
  await seller.chooses('转让方', '储备');
  await found.first().waitFor({ state: 'hidden' });

  // An offer holds what it offers: it is asked first, and nothing is sent when somebody thinks better of it.
  await seller.opens('/market/sell');
  await seller.page.getByTitle('协议转让').click();
  await seller.chooses('出售哪一项', RIGHT);
  await seller.page.getByLabel('数量', { exact: true }).fill('0.200');
  await seller.page.getByLabel('单价').fill('8790.00');
  await seller.chooses('受让的排污单位', '亚细亚');
  await seller.page.getByRole('button', { name: '发出要约' }).click();
  const asked = seller.page.getByRole('dialog', { name: '发出要约' });
  await asked.getByText('1,758.00').waitFor();
  await seller.pictures('journey-offer-asked');
  await seller.page.keyboard.press('Escape');
  await asked.waitFor({ state: 'hidden' });
  expect(new URL(seller.page.url()).pathname).toBe('/market/sell');
  await seller.does('发出要约');
  await seller.arrives(/\/offers$/);
  await seller.leaves();

  const buyer = await Person.at(browser, { language: 'en' });
  await buyer.signsIn('yaxiya.trader');
  await buyer.opens(listing);
  await buyer.chooses('Project', 'P2022-001');
  await buyer.page.getByLabel('Quantity').fill('9.000');
  await buyer.page.getByTestId('preview').getByRole('alert').waitFor();
  const buy = buyer.page.getByRole('button', { name: 'Buy, and hold the deposit' });
  expect(await buy.isDisabled()).toBe(true);
  await buyer.pictures('journey-purchase-refused');
  await buyer.isAccessible('a refused purchase');
  await buyer.page.getByLabel('Quantity').fill('0.500');
  await buyer.page.getByText('Nothing stands against it').waitFor();
  await buyer.pictures('journey-purchase-previewed');
  await buyer.stands();
  await buy.click();
  await buyer.page.getByRole('dialog').getByRole('button', { name: 'Buy, and hold the deposit' }).click();
  await buyer.arrives(/\/trades\/[0-9a-f-]{36}$/);
  await buyer.page.locator('.steps .now', { hasText: 'Matched' }).waitFor();
  await buyer.pictures('journey-trade');
  const trade = new URL(buyer.page.url()).pathname;
  await buyer.goes('/');
  const open = buyer.page.getByRole('table', { name: 'Trades on their way' }).getByRole('link').first();
  await open.waitFor();
  expect(await open.getAttribute('href')).toBe(trade);

  // The bureau reads in its inbox what it decides on, before it opens anything.
  const officer = await Person.at(browser);
  await officer.signsIn('tongcheng.officer');
  await officer.opens('/tasks');
  const task = officer.page.getByRole('row').filter({ hasText: '审核交易' }).filter({ hasText: '0.500' }).last();
  await task.getByText(/力威电工.* → .*亚细亚/).waitFor();
  await task.getByText('8,790.00').waitFor();
  await task.getByRole('button', { name: '同意', exact: true }).click();
  const verdict = officer.page.getByRole('dialog', { name: '同意' });
  await verdict.getByText(/P2022-001/).waitFor();
  expect(await verdict.textContent()).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  await officer.pictures('journey-task');
  await officer.isAccessible('a task that is decided');
  await officer.leaves();

  // The county approves, and what is paid in full settles at once.
  await (await Desk.of('tongcheng.officer')).does(`${trade}/approve`, { documents: [] });
  await buyer.opens(trade);
  await buyer.does('Pay');
  await buyer.page.locator('.steps .now', { hasText: 'Settled' }).waitFor();
  await buyer.leaves();
  settled = trade;
});

/** The trade that was settled above. */
let settled = '';

/** Reads on through a list until something is there. */
async function readsOn(person: Person, sought: Locator): Promise<void> {
  const more = person.page.getByRole('button', { name: '加载更多' });
  while ((await sought.count()) === 0 && (await more.count()) > 0) {
    await more.click();
    await person.settles();
  }
  expect(await sought.count()).toBe(1);
}

/** Somebody who is not signed in reads in the results that are published. A browser keeps those for a minute, so it is a fresh one each time. */
async function strangerReads(text: RegExp): Promise<void> {
  const stranger = await Person.at(browser, { isPhone: true });
  await stranger.opens('/public/trades');
  const results = stranger.page.getByRole('list', { name: '成交结果' }).getByRole('listitem');
  await readsOn(stranger, results.filter({ hasText: text }));
  await stranger.leaves();
}

it('the exchange publishes the result of a settled trade within its term, everybody reads it, and one that was a mistake is taken back', async () => {
  const officer = await Person.at(browser);
  const exchange = await Desk.of('exchange.officer');
  const isWaiting = async () => (await exchange.finds<Items<object>>('/publications?state=due')).items.length > 0;
  await officer.signsIn('exchange.officer');
  // The clock looks for settled trades every few seconds.
  while (!(await isWaiting())) await pause(500);
  const { page } = officer;
  // Of the trades of a whole year the last one is on top.
  await officer.goes('/trades');
  const first = page.getByRole('table', { name: '全部交易' }).getByRole('link').first();
  expect(await first.getAttribute('href')).toBe(settled);
  await officer.pictures('trades-newest-first');
  await officer.goes('/publications');
  // Its result waits until five working days after the settlement of the first of December.
  const waiting = page.getByRole('row').filter({ has: page.locator(`a[href="${settled}"]`) });
  await waiting.getByText('2022-12-08').waitFor();
  await officer.pictures('journey-publication-due');
  await officer.isAccessible('results that wait to be published');
  await waiting.getByRole('button', { name: '公开结果' }).click();
  const question = page.getByRole('dialog', { name: '公开结果' });
  await question.getByText('湖北力威电工 → 湖北亚细亚陶瓷').waitFor();
  await question.getByRole('button', { name: '公开结果' }).click();
  await waiting.waitFor({ state: 'detached' });
  await strangerReads(/0\.500.*8,790\.00.*4,395\.00.*2022-12-01/);

  await officer.chooses('状态', '已公开');
  await officer.settles();
  await readsOn(officer, waiting);
  await waiting.getByRole('button', { name: '撤回公开' }).click();
  const withdrawal = page.getByRole('dialog', { name: '撤回公开' });
  await withdrawal.getByLabel('理由').fill('成交价格录入有误');
  await withdrawal.getByRole('button', { name: '撤回公开' }).click();
  await waiting.waitFor({ state: 'detached' });
  await strangerReads(/此项已撤回.*2022-12-01/);
  await officer.chooses('状态', '已撤回');
  await waiting.getByText('成交价格录入有误').waitFor();
  await officer.leaves();
});

onOneDatabase(
  'a session that ends while a form is filled in is taken up again, and the form is still there',
  async () => {
    const trader = await Person.at(browser);
    await trader.signsIn('yaxiya.trader');
    await trader.opens('/consents');
    await trader.page.getByRole('button', { name: '授权查询' }).click();
    await trader.chooses('被授权银行', '惠发');
    await trader.chooses('权利类别', 'COD');
    await trader.page.keyboard.press('Escape');
    // Somebody ends all sessions of this person, here and elsewhere.
    const elsewhere = await Desk.of('yaxiya.trader');
    await elsewhere.does('/auth/sessions/end', { keep_this: false });
    // A server forgets within a second what it remembers of a session; a look that was on its way meanwhile, on a busy machine, a little later.
    await trader.page.waitForTimeout(2_500);
    await trader.page.getByRole('dialog').getByRole('button', { name: '授权查询' }).click();
    await trader.page.getByText('会话已结束').waitFor();
    await trader.pictures('journey-session-ended');
    const dialog = trader.page.getByRole('dialog', { name: '会话已结束' });
    await dialog.locator('input[autocomplete="current-password"]').fill('ganhe-demo-2022');
    await dialog.locator('button[type="submit"]').click();
    await trader.page.locator('.state', { hasText: '有效' }).first().waitFor();
    await trader.leaves();
  },
);

onOneDatabase(
  'nothing that lasts is where a script could read it, and the page allows no script of others',
  async () => {
    const trader = await Person.at(browser);
    await trader.signsIn('yaxiya.trader');
    const kept = await trader.page.evaluate(
      () =>
        [localStorage, sessionStorage].map((place) => JSON.stringify(Object.entries(place))).join() + document.cookie,
    );
    expect(kept).not.toMatch(/ey[A-Za-z0-9]|ganhe_rt/);
    // After a reload the cookie goes on with the session.
    await trader.page.reload();
    await trader.page.getByRole('button', { name: '退出' }).waitFor();
    const first = await fetch(`${server}/`, { headers: { Accept: 'text/html' } });
    const second = await fetch(`${server}/`, { headers: { Accept: 'text/html' } });
    const nonce = (answer: Response) =>
      /'nonce-([^']+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1];
    expect(nonce(first)).toBeTruthy();
    expect(nonce(first)).not.toBe(nonce(second));
    expect(await first.text()).toContain(nonce(first));
    await trader.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.smuggled = true';
      document.body.append(script);
    });
    expect(await trader.page.evaluate(() => 'smuggled' in globalThis)).toBe(false);
    expect(trader.faults.some((fault) => fault.includes('Content Security Policy'))).toBe(true);
    trader.faults.length = 0;
    await trader.page.getByRole('button', { name: '退出' }).click();
    await trader.page.waitForURL(/sign-in|public/);
    await trader.leaves();
  },
);
