import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

let browser: Browser;
/** 力威电工 sells, 亚细亚陶瓷 buys, and the bank of both lends: each stays signed in from one journey to the next. */
let mill: Person;
let buyer: Person;
let bank: Person;
beforeAll(async () => {
  browser = await launch();
  [mill, buyer, bank] = await Promise.all([Person.at(browser), Person.at(browser), Person.at(browser)]);
  await mill.signsIn('liwei.trader');
  await buyer.signsIn('yaxiya.trader');
  await bank.signsIn('huifa.pledgee');
});
afterAll(async () => {
  await Promise.all([mill.leaves(), buyer.leaves(), bank.leaves()]);
  await browser.close();
});

interface Items<T> {
  items: T[];
}

const RIGHT = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';

/** 力威电工 offers half a tonne to 亚细亚陶瓷, which has the money for it. Tells the price of the whole. */
async function offered(): Promise<string> {
  const [seller, officer, settlement, named] = await Promise.all([
    Desk.of('liwei.trader'),
    Desk.of('tongcheng.officer'),
    Desk.of('settlement.officer'),
    Desk.of('yaxiya.trader'),
  ]);
  const seller_site = (await seller.finds<Items<{ id: string }>>('/sites?number=SA0000002J')).items[0]?.id;
  const { organisation } = await named.finds<{ organisation: string }>('/me');
  const sites = (await named.finds<Items<{ id: string; organisation: string }>>('/sites?limit=200')).items;
  const buyer_site = sites.find((one) => one.organisation === organisation)?.id;
  const document = `减排核定要约${Date.now()}`;
  await officer.does('/reductions', { site: seller_site, pollutant: 'COD', quantity: '0.700', document });
  await settlement.does('/money/deposits', { organisation, amount: '9000.00', bank_reference: `YY${Date.now()}` });
  await seller.does('/offers', {
    seller_site,
    buyer_site,
    right_class: RIGHT,
    quantity: '0.700',
    unit_price: '8791.00',
    total: '6153.70',
    price_basis: 'per_unit_whole_validity',
    mode: 'negotiated',
    valid_until: '2022-12-15',
  });
  return '6,153.70';
}

it('a named buyer accepts what is offered to it, and both have the trade', async () => {
  const total = await offered();
  await buyer.goes('/offers');
  const row = buyer.page.getByRole('row').filter({ hasText: total });
  await row.getByRole('button', { name: '接受' }).click();
  const question = buyer.page.getByRole('dialog', { name: '接受' });
  await question.getByText('P2022-001').first().waitFor();
  await question.getByRole('button', { name: '接受' }).click();
  await buyer.arrives(/\/trades\/[0-9a-f-]{36}$/);
  await buyer.page.locator('.steps .now', { hasText: '已成交待审核' }).waitFor();
  await mill.goes(new URL(buyer.page.url()).pathname);
  await mill.page.getByText(total).first().waitFor();
});

it('an enterprise takes its statement along, and anybody finds its certificate good by the link on it and by its file', async () => {
  const { page } = mill;
  await mill.goes('/statements');
  const [statement] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV 下载' }).click(),
  ]);
  expect(statement.suggestedFilename()).toBe('statement-2022-09-02-2022-12-01.csv');
  expect(await readFile(await statement.path(), 'utf8')).toContain(RIGHT);

  await mill.goes('/holdings');
  await mill.does('开具凭证');
  // One of before is of what was held then.
  const issued = page.getByRole('table', { name: '排污权凭证' }).getByRole('row').filter({ hasText: '有效' }).first();
  await issued.getByRole('button', { name: 'PDF' }).waitFor();
  const number = (await issued.locator('.code').first().textContent()) ?? '';
  const [paper] = await Promise.all([
    page.waitForEvent('download'),
    issued.getByRole('button', { name: 'PDF' }).click(),
  ]);
  expect(paper.suggestedFilename()).toBe(`${number}.pdf`);

  const visitor = await Person.at(browser, { isPhone: true });
  await visitor.opens(`/public/certificates?number=${number}`);
  const good = visitor.page.getByRole('status').filter({ hasText: '凭证有效，与登记一致' }).filter({ hasText: number });
  await good.waitFor();
  await visitor.pictures('journey-certificate-good-phone');
  await visitor.opens('/public/certificates');
  const file = { name: 'certificate.pdf', mimeType: 'application/pdf', buffer: await readFile(await paper.path()) };
  await visitor.page.locator('input[type="file"]').first().setInputFiles(file);
  await good.waitFor();
  // A file in which one byte is another is none that was issued.
  file.buffer[file.buffer.length >> 1] = (file.buffer[file.buffer.length >> 1] ?? 0) ^ 1;
  await visitor.page.locator('input[type="file"]').first().setInputFiles(file);
  await visitor.page.getByRole('alert').filter({ hasText: '登记中没有这份凭证' }).waitFor();
  await visitor.leaves();
});

it('an enterprise sees that the bank has looked at what it has let the bank see', async () => {
  const enterprise = await Desk.of('yaxiya.trader');
  const looker = await Desk.of('huifa.pledgee');
  const { organisation: pledgee } = await looker.finds<{ organisation: string }>('/me');
  const looks = buyer.page.getByRole('table', { name: '谁看过' }).getByRole('row').filter({ hasText: '企业授权' });
  await buyer.goes('/consents');
  expect(await looks.count()).toBe(0);
  const { id } = await enterprise.does<{ id: string }>('/consents', {
    pledgee,
    right_classes: [RIGHT],
    valid_until: '2022-12-31',
  });
  await looker.does(`/consents/${id}/look`, {});
  await buyer.opens('/consents');
  await looks.filter({ hasText: '惠发' }).first().waitFor();
});

it('a bank offers a facility, and the enterprise accepts its part', async () => {
  const name = `集中授信${Date.now() % 1_000_000}`;
  await bank.goes('/facilities');
  await bank.does('授予授信', async (dialog) => {
    await dialog.getByLabel('授信名称').fill(name);
    await bank.chooses('企业', '亚细亚');
    await dialog.getByLabel('分额度').fill('100000.00');
  });
  await bank.page.getByRole('table', { name }).locator('.state', { hasText: '待接受' }).waitFor();
  await buyer.goes('/facilities');
  const part = buyer.page.getByRole('table', { name });
  await part.getByRole('button', { name: '接受授信' }).click();
  await buyer.page.getByRole('dialog', { name: '接受授信' }).getByRole('button', { name: '接受授信' }).click();
  await part.locator('.state', { hasText: '已接受' }).waitFor();
});
