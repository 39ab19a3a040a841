import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

let browser: Browser;
/** The exchange records what a court orders, 力威电工 is whose rights they are, and the bank keeps the market's money. */
let exchange: Person;
let mill: Person;
let bank: Person;
beforeAll(async () => {
  browser = await launch();
  [exchange, mill, bank] = await Promise.all([Person.at(browser), Person.at(browser), Person.at(browser)]);
  await Promise.all([
    exchange.signsIn('exchange.officer'),
    mill.signsIn('liwei.trader'),
    bank.signsIn('settlement.officer'),
  ]);
});
afterAll(async () => {
  await Promise.all([exchange.leaves(), mill.leaves(), bank.leaves()]);
  await browser.close();
});

const MARK = Date.now() % 10_000;
const DOCUMENT = `(2022)鄂12执${MARK}号`;

/** What 力威电工 has free of nitrogen oxides, which nobody else deals in here. */
async function free(): Promise<string> {
  const trader = await Desk.of('liwei.trader');
  const { items } = await trader.finds<{ items: { asset: string; balance: string }[] }>(
    '/balances?purpose=available&limit=200',
  );
  const found = items.find((one) => one.asset.startsWith('NOX-'));
  expect(found).toBeDefined();
  return found?.balance ?? '';
}

it('the exchange freezes what a mill holds, and the mill has nothing of it to offer any more', async () => {
  const quantity = await free();
  await exchange.goes('/freezes');
  await exchange.does('登记冻结', async (dialog) => {
    await dialog.getByLabel('执行法院').fill('咸宁市中级人民法院');
    await dialog.getByLabel('协助执行通知书文号').fill(DOCUMENT);
    await exchange.chooses('被冻结单位', '湖北力威电工');
    await exchange.chooses('排污权', '氮氧化物');
    // More than there is, is refused.
    await dialog.getByLabel('冻结数量').fill('900.000');
    await dialog.getByRole('button', { name: '登记冻结', exact: true }).click();
    await dialog.getByText('FRZ_OVER_HOLDING').waitFor();
    await dialog.getByLabel('冻结数量').fill(quantity);
    await dialog.getByText('即时冻结（可用）').waitFor();
    await exchange.pictures('journey-freeze-record');
    await exchange.isAccessible('recording a freeze');
  });
  await exchange.arrives(/\/freezes\/[0-9a-f-]{36}$/);
  await exchange.page.getByText('已足额冻结').first().waitFor();

  await mill.goes('/holdings');
  await mill.page.getByRole('table', { name: '司法冻结' }).getByRole('link', { name: DOCUMENT }).waitFor();
  await mill.pictures('journey-freeze-holdings');
  // Afresh: what was asked for a moment ago is not asked for again.
  await mill.opens('/market/sell');
  await mill.page.getByRole('combobox').first().click();
  await mill.page.locator('.ant-select-item-option', { hasText: '化学需氧量' }).first().waitFor();
  await mill.page.locator('.ant-select-item-option', { hasText: '氮氧化物' }).waitFor({ state: 'detached' });
});

it('a part is lifted by the document of the freeze and by no other, and is free again', async () => {
  await exchange.does('解除冻结', async (dialog) => {
    await dialog.getByLabel('原冻结文书号').fill('(2022)鄂12执1号');
    await dialog.getByLabel('解除文书号').fill(`${DOCUMENT}之一`);
    await dialog.getByLabel('解除数量').fill('1.500');
    await dialog.getByRole('button', { name: '解除冻结', exact: true }).click();
    await dialog.getByText('FRZ_UNKNOWN_DOCUMENT').waitFor();
    await dialog.getByLabel('原冻结文书号').fill(DOCUMENT);
  });
  expect(await free()).toBe('1.500');
  await exchange.pictures('journey-freeze-lifted');
  await exchange.turns(true);
  await exchange.pictures('journey-freeze-lifted-phone');
  await exchange.turns(false);
  await exchange.does('执行过户', async (dialog) => {
    await dialog.getByLabel('执行数量').fill('2.000');
    await exchange.pictures('journey-freeze-execute');
    await exchange.isAccessible('executing a freeze');
    await dialog.getByLabel('原冻结文书号').fill(DOCUMENT);
    await dialog.getByLabel('执行文书号').fill(`${DOCUMENT}之二`);
    await dialog.getByLabel('单价').fill('5000.00');
    await exchange.chooses('受让方', '亚细亚');
    await dialog.getByText('10,000.00').waitFor();
    await dialog.getByLabel('法院裁定不符合受让条件仍予执行').check();
  });
  await exchange.page.getByRole('table', { name: '已部分执行' }).getByText('2.000').waitFor();
});

/** A file of the bank's with these lines. */
const file = (name: string, ...lines: string[]) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(['日期,流水号,收支,金额,附言', ...lines, ''].join('\n')),
});

it('the settlement bank hands in its statement, which has a fault first and a difference then, and closes that', async () => {
  const { page } = bank;
  const handsIn = async (...lines: string[]) => {
    await page.locator('input[type="file"]').setInputFiles(file('流水.csv', ...lines));
    await page.getByRole('button', { name: '提交并核对' }).click();
  };
  await bank.goes('/reconciliation');
  await page.getByLabel('对账日', { exact: true }).first().fill('2022-11-30');
  await handsIn(`2022-11-29,DZ${MARK}1,收,321.00,往来款`);
  await page.getByText('STL_STATEMENT_OTHER_DAY').waitFor();
  await bank.pictures('journey-statement-faults');
  await handsIn(`2022-11-30,DZ${MARK}2,收,321.00,往来款`);
  await page.getByRole('status').filter({ hasText: '第 1 版' }).waitFor();
  const row = page
    .getByRole('table', { name: '未达账项' })
    .getByRole('row')
    .filter({ hasText: `DZ${MARK}2` });
  await row.getByText('银行有、账簿无').waitFor();
  await bank.pictures('journey-statement-difference');
  await bank.isAccessible('a statement with a difference');
  await row.getByRole('button', { name: '核销' }).click();
  const dialog = page.getByRole('dialog', { name: '核销' });
  await dialog.getByLabel('理由').fill('银行次日入账');
  await dialog.getByRole('button', { name: '核销' }).click();
  await row.waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: '查看核对结果' }).click();
  await page.getByRole('table', { name: '未达账项' }).getByText('银行次日入账').waitFor();
  await bank.pictures('journey-statement');
});
