import { afterAll, beforeAll, expect, it } from 'vitest';
import { administrator, type Browser, Desk, launch, Person } from './support';

interface Items<T> {
  items: T[];
}

const RIGHT = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';
const mark = Date.now() % 1_000_000;

let browser: Browser;
let pledge: string;
beforeAll(async () => {
  [browser, pledge] = await Promise.all([launch(), caps('0.80').then(pledged)]);
}, 120_000);
afterAll(async () => {
  // Whoever comes after finds the rules as they were.
  await caps(null);
  await browser.close();
});

/** A version of the rulebook with another cap, which applies from today on: the province proposes and its head approves. */
async function caps(value: string | null): Promise<void> {
  const [officer, head] = await Promise.all([Desk.of('province.officer'), Desk.of('province.head')]);
  const { id } = await officer.does<{ id: string }>('/rulebooks', {
    effective_from: '2022-12-01',
    rules: [{ name: 'ltv_cap', value, legal_basis: value === null ? null : '示范：抵质押率上限' }],
  });
  await head.does(`/tasks/${id}/decide`, { outcome: 'approved' });
}

/** A registered pledge of a tonne, with half of its value lent. */
async function pledged(): Promise<string> {
  const [bank, mill, officer] = await Promise.all([
    Desk.of('huifa.pledgee'),
    Desk.of('liwei.trader'),
    Desk.of('tongcheng.officer'),
  ]);
  const site = (await mill.finds<Items<{ id: string }>>('/sites?number=SA0000002J')).items[0]?.id;
  const { organisation: pledgee } = await bank.finds<{ organisation: string }>('/me');
  const { organisation: pledgor } = await mill.finds<{ organisation: string }>('/me');
  await mill.does('/consents', { pledgee, right_classes: [RIGHT], valid_until: '2023-12-31' });
  const { id } = await bank.does<{ id: string }>('/pledges', {
    pledgor,
    rights: [{ site, right_class: RIGHT, quantity: '1.000' }],
    loan_contract: `惠发借补${mark}`,
    pledge_contract: `惠发质补${mark}`,
    principal: '4000.00',
    secured: '4000.00',
    assessed_value: '8790.00',
    valuation_method: 'market_price',
    valued_on: '2022-11-30',
    debt_from: '2022-12-01',
    debt_to: '2023-11-30',
  });
  await officer.does(`/pledges/${id}/verify`, { documents: [] });
  await mill.does(`/pledges/${id}/agree`, {});
  await bank.does(`/pledges/${id}/register`, {});
  return `/pledges/${id}`;
}

it('a value that falls calls for more security, which the enterprise gives', async () => {
  const [bank, mill] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([bank.signsIn('huifa.pledgee'), mill.signsIn('liwei.trader')]);
  const called = (person: Person) => person.page.getByRole('status').filter({ hasText: '需要补充担保' });

  // Within the cap nothing is called for; above it both are told by how much.
  await bank.goes(pledge);
  const values = (value: string) => bank.does('重新评估', (dialog) => dialog.getByLabel(/^评估价值/).fill(value));
  await values('5000.00');
  await bank.page.getByRole('table', { name: '评估' }).getByText('80.00 %').waitFor();
  expect(await called(bank).count()).toBe(0);
  await values('4500.00');
  await called(bank).getByText('抵质押率 88.89 %，上限 80.00 %').waitFor();
  await bank.pictures('journey-margin-called');
  await bank.isAccessible('a call for more security');
  await mill.goes(pledge);
  await called(mill).getByText('抵质押率 88.89 %，上限 80.00 %').waitFor();

  // The bank proposes a pledge of more, the enterprise agrees, and the call is over.
  await bank.does('提议变更', async (dialog) => {
    await dialog.getByLabel('理由').fill('补充质押');
    await dialog.getByLabel('追加数量').fill('0.200');
    await dialog.getByLabel('评估价值改为').fill('5400.00');
    await bank.chooses('评估方法', '市场价');
    await dialog.getByLabel('评估日期').fill('2022-12-01');
  });
  await bank.page.getByRole('table', { name: '条款变更' }).getByText('补充质押').waitFor();
  await mill.opens(pledge);
  await mill.does('同意变更');
  await mill.page.getByRole('table', { name: '条款变更' }).getByText('第 2 版').waitFor();
  const over = (person: Person) => person.page.getByRole('table', { name: '已终止的补充担保通知' });
  await over(mill).getByText('88.89 %').waitFor();
  expect(await called(mill).count()).toBe(0);
  await bank.opens(pledge);
  await over(bank).getByText('88.89 %').waitFor();
  await bank.pictures('journey-margin-met');
  await bank.turns(true);
  await bank.pictures('journey-margin-met-phone');
  await Promise.all([bank.leaves(), mill.leaves()]);
}, 120_000);

it('an administrator sees that a message has not arrived, and sends it again', async () => {
  const login = await administrator('91421222ma0000903q');
  const [desk, bank] = await Promise.all([Desk.of(login), Desk.of('huifa.pledgee')]);
  const { liens } = await bank.finds<{ liens: { id: string }[] }>(pledge);
  const values = (assessed_value: string) =>
    bank.does(`${pledge}/revalue`, {
      method: 'market_price',
      valued_on: '2022-12-01',
      valuations: [{ lien: liens[0]?.id, assessed_value }],
    });
  await values('5600.00');
  // Nobody is at home there, wherever this is tried: names below `example` lead nowhere.
  const url = `https://bank.example/hooks/${mark}`;
  const made = await desk.does<{ webhook: { id: string } }>('/webhooks', { url, kinds: ['pledge_revalued'] });
  const { id } = made.webhook;
  await values('5500.00');
  const tries = async () =>
    (await desk.finds<Items<{ attempts: object[] }>>(`/webhooks/${id}/deliveries`)).items.flatMap(
      (one) => one.attempts,
    );
  await expect.poll(tries, { timeout: 60_000, interval: 500 }).not.toEqual([]);

  const keeper = await Person.at(browser);
  await keeper.signsIn(login);
  await keeper.goes(`/webhooks/${id}`);
  const log = keeper.page.getByRole('table', { name: '推送记录' });
  await log.getByText('无法连接').first().waitFor();
  await log.locator('.state', { hasText: '等待中' }).first().waitFor();
  await keeper.pictures('journey-delivery-failed');
  await keeper.isAccessible('a delivery that has failed');

  // It is tried for two days and a half, so that none is given up yet; all that it wants are sent again, those from before it, too.
  await keeper.does('重新推送');
  await keeper.page.getByText('已排入 0 条').waitFor();
  await keeper.does('重新推送', (dialog) => dialog.getByLabel('只重推最终失败的').uncheck());
  await keeper.page.getByText(/已排入 [1-9]\d* 条/).waitFor();
  await expect.poll(() => log.getByRole('row').count()).toBeGreaterThan(2);
  await keeper.leaves();
}, 120_000);
