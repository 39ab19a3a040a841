import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, onOneDatabase, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

it('a pledge goes from consent to release, with bank and enterprise in two browsers', async () => {
  const [bank, mill] = await Promise.all([Person.at(browser), Person.at(browser, { language: 'en' })]);
  await Promise.all([bank.signsIn('huifa.pledgee'), mill.signsIn('liwei.trader')]);

  // The enterprise lets the bank look, and the bank applies; for more than is free it is told why not.
  await mill.opens('/consents');
  await mill.page.getByRole('button', { name: 'Give a consent' }).click();
  await mill.chooses('Bank', '惠发');
  await mill.chooses('Right classes', 'COD');
  await mill.page.keyboard.press('Escape');
  await mill.page.getByRole('dialog').getByRole('button', { name: 'Give a consent' }).click();
  await mill.page.getByRole('dialog').waitFor({ state: 'hidden' });
  await bank.opens('/consents');
  const consent = bank.page.getByRole('row').filter({ hasText: '湖北力威电工' }).filter({ hasText: 'COD' });
  await consent.last().getByRole('button', { name: '申请质押' }).click();
  await bank.arrives(/\/pledges\/apply\?consent=/);
  const next = () => bank.page.getByRole('button', { name: '下一步' }).click();
  await next();
  await bank.chooses('排污权', 'COD');
  await bank.page.getByLabel('数量', { exact: true }).fill('500.000');
  await next();
  const contract = `惠发质字${Date.now() % 1_000_000}`;
  for (const [label, text] of [
    ['贷款本金', '30000.00'],
    ['担保债权额', '30000.00'],
    ['评估价值', '43950.00'],
    ['借款合同号', contract.replace('质', '借')],
    ['质押合同号', contract],
    ['债务到期', '2023-11-30'],
  ] as const)
    await bank.page.getByLabel(label, { exact: true }).fill(text);
  await next();
  await bank.page.getByRole('heading', { name: '核对并提交' }).waitFor();
  await bank.pictures('journey-pledge-checked');
  await bank.page.getByRole('button', { name: '提交申请' }).click();
  await bank.page.getByRole('alert').first().waitFor();
  expect(await bank.page.getByRole('alert').first().textContent()).toContain('PLG_');
  // What was refused is at the rights: there and behind them everything is as it was.
  await bank.page.locator('li[aria-current="step"]').getByText('排污权').waitFor();
  expect(await bank.page.getByLabel('数量', { exact: true }).inputValue()).toBe('500.000');
  await bank.page.getByLabel('数量', { exact: true }).fill('5.000');
  await bank.pictures('journey-pledge-rights');
  await next();
  expect(await bank.page.getByLabel('质押合同号', { exact: true }).inputValue()).toBe(contract);
  await next();
  await bank.page.getByRole('button', { name: '提交申请' }).click();
  await bank.arrives(/\/pledges\/[0-9a-f-]{36}$/);
  const pledge = new URL(bank.page.url()).pathname;

  // The bureau verifies, the enterprise agrees, the bank registers.
  const officer = await Desk.of('tongcheng.officer');
  await officer.does(`${pledge}/verify`, { documents: [] });
  await mill.opens(pledge);
  await mill.does('Agree');
  await mill.page.locator('.steps .now', { hasText: 'Agreed' }).waitFor();
  await bank.opens(pledge);
  await bank.does('登记质押');
  await bank.page.getByRole('heading', { name: /^PL-2022-\d+$/ }).waitFor();

  // The loan is paid out, and the security is valued anew.
  await bank.does('登记放款', (dialog) => dialog.getByLabel('放款流水号').fill('放款2022-1201-01'));
  await bank.page.getByRole('table', { name: '放款' }).getByText('30,000.00').waitFor();
  await bank.does('重新评估', (dialog) => dialog.getByLabel(/^评估价值/).fill('60000.00'));
  await bank.page.getByRole('table', { name: '评估' }).getByText('50.00 %').waitFor();

  // The bank proposes more security, and the enterprise agrees.
  await bank.does('提议变更', async (dialog) => {
    await dialog.getByLabel('理由').fill('追加质押');
    await dialog.getByLabel('追加数量').fill('1.000');
  });
  await bank.page.getByRole('table', { name: '条款变更' }).getByText('追加质押').waitFor();
  await mill.opens(pledge);
  await mill.does('Agree to the change');
  await mill.page.getByRole('table', { name: 'Changes of the terms' }).getByText('Version 2').waitFor();
  await mill.page.getByRole('table', { name: 'Pledged rights' }).getByText('6.000').first().waitFor();

  // A default is declared and cured, and when the debt is paid everything is released.
  await bank.opens(pledge);
  await bank.does('宣布违约', (dialog) => dialog.getByLabel('理由').fill('逾期未还'));
  await bank.page.locator('.steps .now', { hasText: '违约' }).waitFor();
  await bank.pictures('journey-pledge-default');
  await bank.isAccessible('a pledge in default');
  await bank.does('违约已补救');
  await bank.page.locator('.steps .now', { hasText: '已登记' }).waitFor();
  await bank.does('解除质押');
  await mill.opens(pledge);
  await mill.page.locator('.state', { hasText: 'Released' }).first().waitFor();
  await mill.pictures('journey-pledge-released');
  await Promise.all([bank.leaves(), mill.leaves()]);
});

interface Items<T> {
  items: T[];
}

/** A pledge of 力威电工 that is registered, and a buyer with money and a project: what happens before is told by the journey above. */
async function pledged(): Promise<string> {
  const [bank, mill, officer, settlement] = await Promise.all(
    ['huifa.pledgee', 'liwei.trader', 'tongcheng.officer', 'settlement.officer'].map((login) => Desk.of(login)),
  );
  if (!bank || !mill || !officer || !settlement) throw new Error('somebody has not come');
  const right_class = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';
  const site = (await mill.finds<Items<{ id: string }>>('/sites?number=SA0000002J')).items[0]?.id;
  const { organisation } = await bank.finds<{ organisation: string }>('/me');
  // Somebody gives a consent only for as long as they mean it.
  await mill.does('/consents', { pledgee: organisation, right_classes: [right_class], valid_until: '2023-12-31' });
  const pledgor = (await mill.finds<{ organisation: string }>('/me')).organisation;
  const contract = `惠发处字${Date.now() % 1_000_000}`;
  const { id } = await bank.does<{ id: string }>('/pledges', {
    pledgor,
    rights: [{ site, right_class, quantity: '1.000' }],
    loan_contract: `借${contract}`,
    pledge_contract: contract,
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
  const buyer = (await settlement.finds<Items<{ id: string }>>('/organisations?code=91421222MA0000001F')).items[0]?.id;
  await settlement.does('/money/deposits', {
    organisation: buyer,
    amount: '9000.00',
    bank_reference: `CZ${Date.now()}`,
  });
  return `/pledges/${id}`;
}

onOneDatabase(
  'the exchange releases a pledge by the document of a court, a part and then the rest, and the bank reads why',
  async () => {
    const [exchange, bank, pledge] = await Promise.all([
      Person.at(browser),
      Person.at(browser, { language: 'en' }),
      pledged(),
    ]);
    await Promise.all([exchange.signsIn('exchange.officer'), bank.signsIn('huifa.pledgee')]);
    await exchange.opens(pledge);
    const number = Date.now() % 1_000_000;
    const says = async (dialog: Locator, document: string) => {
      await dialog.getByLabel('法院', { exact: true }).fill('咸宁市中级人民法院');
      await dialog.getByLabel('文书号').fill(document);
      await dialog.getByLabel('文书日期').fill('2022-11-30');
      await dialog.getByLabel('事由').fill('主债权已清偿');
    };
    await exchange.does('依法院文书解除', async (dialog) => {
      await says(dialog, `(2022)鄂12执${number}号`);
      await dialog.getByLabel('解除数量').fill('0.100');
      await exchange.pictures('journey-court-release');
      await exchange.isAccessible('releasing by a court');
    });
    const orders = exchange.page.getByRole('table', { name: '依法院文书解除' });
    await orders.getByText('部分解除').waitFor();
    await exchange.does('依法院文书解除', (dialog) => says(dialog, `(2022)鄂12执${number}号之一`));
    await orders.getByText('全部解除').waitFor();
    await exchange.page.locator('.state', { hasText: '已解除' }).first().waitFor();

    await bank.opens(pledge);
    await bank.page.getByRole('table', { name: 'Released by a court' }).getByText('A part').waitFor();
    await bank.pictures('journey-released-by-court');
    await bank.isAccessible('a pledge that a court has released');
    await bank.turns(true);
    await bank.pictures('journey-released-by-court-phone');
    await Promise.all([exchange.leaves(), bank.leaves()]);
  },
);

it('a bank disposes of what is pledged after a default, and the buyer settles it in a second browser', async () => {
  const [bank, buyer, pledge] = await Promise.all([
    Person.at(browser),
    Person.at(browser, { language: 'en' }),
    pledged(),
  ]);
  await Promise.all([bank.signsIn('huifa.pledgee'), buyer.signsIn('yaxiya.trader')]);
  await bank.opens(pledge);
  // No more is claimed of a disposal than was told as due.
  await bank.does('宣布违约', async (dialog) => {
    await dialog.getByLabel('应付金额').fill('4100.00');
    await dialog.getByLabel('理由').fill('逾期未还');
  });
  await bank.page.locator('.steps .now', { hasText: '违约' }).waitFor();

  // It may go to an auction of the exchange, and is taken out again while nobody bids for it yet.
  const exchange = await Desk.of('exchange.officer');
  const title = `质押处置专场${Date.now() % 1_000_000}`;
  await exchange.does('/auctions', {
    title,
    format: 'ascending',
    registration_until: '2022-12-20T09:00:00+08:00',
    opens_at: '2022-12-21T09:00:00+08:00',
    closes_at: '2022-12-21T10:00:00+08:00',
  });
  await bank.does('送交易中心拍卖', async (dialog) => {
    await bank.chooses('专场', title);
    await dialog.getByLabel('起始价').fill('8790.00');
    await dialog.getByLabel('处置费用').fill('100.00');
    await bank.pictures('journey-pledged-lot');
    await bank.isAccessible('putting what is pledged into an auction');
  });
  const lots = bank.page.getByRole('table', { name: '在交易中心拍卖的标的' });
  await lots.locator('.state', { hasText: '筹备中' }).waitFor();
  await bank.does('撤出');
  await lots.locator('.state', { hasText: '已撤回' }).waitFor();

  // The buyer has told the number of its project: one that there is not is refused, the right one names the buyer.
  const document = `咸宁处置${Date.now() % 1_000_000}`;
  await bank.does('提出处置', async (dialog) => {
    await dialog.getByLabel('处置依据文号').fill(document);
    await dialog.getByLabel('买受项目编号').fill('P2022-999');
    await dialog.getByRole('button', { name: '查找' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'API_NOT_FOUND' }).waitFor();
    await dialog.getByLabel('买受项目编号').fill('P2022-001');
    await dialog.getByLabel('买受项目编号').press('Enter');
    await dialog.getByRole('status').filter({ hasText: '亚细亚' }).waitFor();
    await dialog.getByLabel('单价').fill('8790.00');
    await dialog.getByLabel('所欠债权').fill('4100.00');
    await dialog.getByLabel('处置费用').fill('100.00');
    await bank.pictures('journey-disposal-proposed');
    await bank.isAccessible('proposing a disposal');
  });
  await bank.page.getByRole('table', { name: '处置' }).getByText(document).waitFor();

  // The buyer pays and has the right; the money goes to costs, claim and pledgor to the fen.
  await buyer.opens('/pledges');
  const offered = buyer.page.getByRole('row').filter({ hasText: document });
  await offered.getByRole('button', { name: 'Settle' }).click();
  await buyer.page.getByRole('dialog', { name: 'Settle' }).getByRole('button', { name: 'Settle' }).click();
  await offered.locator('.state', { hasText: 'Settled' }).waitFor();
  for (const paid of ['100.00', '4,100.00', '4,590.00']) await offered.getByText(paid).first().waitFor();
  await buyer.pictures('journey-disposal-settled');
  await buyer.isAccessible('a settled disposal');
  await bank.opens(pledge);
  await bank.page.locator('.state', { hasText: '已办结' }).first().waitFor();
  await Promise.all([bank.leaves(), buyer.leaves()]);
});
