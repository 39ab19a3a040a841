import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person, rules } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

it('an officer uploads a batch, every fault of it stands at its line, and the corrected file is proposed', async () => {
  const officer = await Person.at(browser);
  await officer.signsIn('tongcheng.officer');
  await officer.opens('/batches');
  const head = '排污单位编号,污染物,取得方式,有效期起,有效期止,数量';
  const number = `通环核〔2022〕${Date.now() % 100_000}号`;
  const send = async (rows: string[]) => {
    await officer.page.getByLabel('核定文号').fill(number);
    await officer.page
      .locator('input[type="file"]')
      .setInputFiles({ name: '批次.csv', mimeType: 'text/csv', buffer: Buffer.from([head, ...rows, ''].join('\n')) });
    await officer.page.getByRole('button', { name: '上传并提出' }).click();
  };
  await send(['SA0000002J,COD,有偿,2022-12-01,2027-11-30,0.1000001', 'NOBODY,COD,有偿,2022-12-01,2027-11-30,0.100']);
  await officer.page
    .getByText(/处问题/)
    .first()
    .waitFor();
  const faults = await officer.page
    .getByRole('table', { name: /处问题/ })
    .getByRole('row')
    .allTextContents();
  const found = faults.map((row) => /^([23]).*((?:API|QTA)_[A-Z_]+)$/.exec(row)?.slice(1));
  expect(found).toEqual([undefined, ['2', 'API_TOO_PRECISE'], ['3', 'QTA_UNKNOWN_SITE_NUMBER']]);
  await officer.pictures('journey-batch-faults');
  await officer.isAccessible('faults of a batch');
  await send(['SA0000002J,COD,有偿,2022-12-01,2027-11-30,0.100']);
  await officer.page.getByRole('table', { name: '全部批次' }).getByText(number).waitFor();
  await officer.leaves();
});

/** Presses a button that hands over a file: what it is called, and what stands in it. */
async function downloads({ page }: Person, button: Locator): Promise<[string, string]> {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return [file.suggestedFilename(), await readFile(await file.path(), 'utf8')];
}

/** Holds the arrow of the slider of days down for so many days from the first. */
async function slides({ page }: Person, days: number): Promise<string> {
  const slider = page.getByRole('slider', { name: '截至（业务时间）' });
  await slider.focus();
  await page.keyboard.press('Home');
  for (let day = 0; day < days; day += 1) await page.keyboard.down('ArrowRight');
  await page.keyboard.up('ArrowRight');
  return (await slider.getAttribute('aria-valuetext')) ?? '';
}

it('the auditor sets a moment by the slider, goes down from the trial balance to a proof, takes files along, and verifies the book', async () => {
  const auditor = await Person.at(browser);
  const { page } = auditor;
  const csv = page.getByRole('button', { name: 'CSV 下载' });
  await auditor.signsIn('auditor');
  await page.getByText('账簿平衡').waitFor();
  const day = await slides(auditor, 120);
  expect(day).toMatch(/^2022-0[4-5]-\d\d$/);
  await page
    .getByRole('status')
    .filter({ hasText: `截至 ${day} 23:59:59` })
    .waitFor();
  await auditor.pictures('journey-trial-balance-as-of');
  await auditor.isAccessible('the slider of days');
  const [name, trial] = await downloads(auditor, csv);
  expect(name).toBe(`trial-balance-${day}T235959.csv`);
  expect(trial).toMatch(/\r\nCNY,money,/);

  // The moment goes along: accounts, entries, and the statement of the account until then.
  await page.getByRole('table').first().getByRole('link', { name: '可用' }).click();
  await page.getByText(`此科目下的账户，截至 ${day} 23:59:59`).waitFor();
  await auditor.settles();
  await page.getByRole('table').getByRole('link').first().click();
  await page.getByRole('heading', { name: `截至 ${day} 23:59:59 的分录` }).waitFor();
  const [statement] = await downloads(auditor, csv);
  expect(statement).toContain(`${day}T235959.csv`);
  const rows = await page.getByRole('table').getByRole('row').allTextContents();
  const recorded = rows.flatMap((row) => /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(row) ?? []);
  expect(recorded.length).toBeGreaterThan(0);
  expect(recorded.filter((one) => one > `${day} 23:59:59`)).toEqual([]);

  // A journal names who acted and what was decided about its thing.
  await page.getByRole('table').getByRole('link').first().click();
  await page.getByText('透明日志证明').waitFor();
  await page.getByRole('heading', { name: '对此事项的决定' }).waitFor();
  const actor = page.locator('.facts > div').filter({ has: page.locator('dt', { hasText: '操作人' }) });
  await actor.locator('small', { hasText: '·' }).waitFor();
  await auditor.pictures('journey-proof');
  await auditor.isAccessible('a journal with its proof');

  await auditor.goes('/audit/journals');
  const [journals, lines] = await downloads(auditor, csv);
  expect(journals).toMatch(/^journals-2022-12-01T\d{6}\.csv$/);
  const { items } = await (
    await Desk.of('auditor')
  ).finds<{ items: { id: string }[] }>('/audit/journals?limit=1&order=newest');
  expect(lines).toContain(items[0]?.id);
  await auditor.goes('/access-log');
  const [log, reads] = await downloads(auditor, csv);
  expect(log).toMatch(/^access-log-2022-12-01T\d{6}\.csv$/);
  expect(reads.split('\r\n')[0]).toContain('查阅人');

  await auditor.goes('/audit/verify');
  await page.getByRole('button', { name: '开始校验' }).click();
  await page.getByTestId('verified').getByText('账簿无误').waitFor({ timeout: 50_000 });
  await auditor.pictures('journey-verified');
  await auditor.leaves();
});

it('a visitor checks a certificate that nobody has issued, and a bank looks at its book', async () => {
  const visitor = await Person.at(browser, { language: 'en' });
  await visitor.opens('/public/certificates');
  await visitor.page.getByRole('textbox', { name: 'Number' }).fill('421222-2022-999999');
  await visitor.page.getByRole('button', { name: 'Check', exact: true }).click();
  await visitor.page.getByText('The register has no such certificate').waitFor();
  await visitor.leaves();
  const bank = await Person.at(browser);
  await bank.signsIn('huifa.pledgee');
  await bank.page.getByRole('table', { name: '全部质押' }).getByRole('link').first().click();
  await bank.page.locator('.steps').waitFor();
  await bank.leaves();
});

it('one officer writes the next version of the rulebook, and another person adopts it', async () => {
  const [officer, head] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([officer.signsIn('province.officer'), head.signsIn('province.head')]);
  const { page } = officer;
  await officer.goes('/rulebook');
  await page.getByRole('button', { name: '修订规则' }).click();
  const value = page.getByRole('textbox', { name: '闲置认定（年） 的新值' });
  const proposes = async () => {
    await page.locator('main').getByRole('button', { name: '提出修订（1 项）' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '提出修订（1 项）' }).click();
  };
  await page.getByRole('textbox', { name: '闲置认定（年） 的依据' }).fill('鄂环发〔2022〕1号');
  await value.fill('很久');
  await proposes();
  await page.getByRole('dialog').getByRole('alert').filter({ hasText: 'RUL_BAD_VALUE' }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: '取消' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await value.fill('3');
  await proposes();
  const waiting = (person: Person) =>
    person.page.getByRole('region', { name: /^待批准的修订/ }).filter({ hasText: '闲置认定' });
  await page.waitForURL(/\/rulebook$/);
  await waiting(officer).getByRole('button', { name: '撤回' }).waitFor();

  await head.goes('/rulebook');
  await head.pictures('journey-rulebook-proposed');
  await waiting(head).getByRole('button', { name: '同意', exact: true }).click();
  await head.page.getByRole('dialog').getByRole('button', { name: '同意', exact: true }).click();
  await waiting(head).waitFor({ state: 'detached' });
  await head.chooses('版本', '第 2 版');
  await head.page.getByRole('table', { name: '规则' }).getByText('3', { exact: true }).waitFor();
  await Promise.all([officer.leaves(), head.leaves()]);
});

interface Items {
  items: { id: string }[];
}

/** A confirmed grant whose fee is to be paid, and the money for it. Gives the number of its document. */
async function grantedForFee(): Promise<string> {
  const [officer, head, bank] = await Promise.all(
    ['tongcheng.officer', 'tongcheng.head', 'settlement.officer'].map((login) => Desk.of(login)),
  );
  if (!officer || !head || !bank) throw new Error('nobody has signed in');
  const site = (await officer.finds<Items>('/sites?number=SA0000002J')).items[0]?.id;
  const organisation = (await bank.finds<Items>('/organisations?code=91421222MA0000002J')).items[0]?.id;
  const document = `通环核费${Date.now()}`;
  await rules({ name: 'usage_fee', value: '20.00', legal_basis: '示范' });
  const grant = await officer.does<{ id: string }>('/allocations', {
    ...{ site, pollutant: 'COD', origin: 'paid', zone: 'LUSHUI', document },
    ...{ valid_from: '2022-12-01', valid_to: '2027-11-30', quantity: '0.100' },
  });
  await head.does(`/allocations/${grant.id}/confirm`, { documents: [] });
  await rules({ name: 'usage_fee', value: null, legal_basis: '示范' });
  await bank.does('/money/deposits', { organisation, amount: '5000.00', bank_reference: `XNF${Date.now()}` });
  return document;
}

it('力威电工 pays the usage fee of a grant from its home page, and the rights come into being', async () => {
  const document = await grantedForFee();
  const trader = await Person.at(browser);
  await trader.signsIn('liwei.trader');
  const due = trader.page
    .getByRole('table', { name: '待缴有偿使用费的核定' })
    .getByRole('row')
    .filter({ hasText: document });
  await due.getByRole('button', { name: '缴纳' }).click();
  const question = trader.page.getByRole('dialog', { name: '缴纳' });
  await question.getByLabel('缴纳金额').waitFor();
  // A click on what still moves may miss it.
  await question.and(trader.page.locator(':not([class*="ant-zoom"])')).waitFor();
  await trader.pictures('journey-usage-fee');
  await trader.isAccessible('paying a usage fee');
  await question.getByRole('button', { name: '缴纳', exact: true }).click();
  await due.waitFor({ state: 'detached' });
  const desk = await Desk.of('liwei.trader');
  const { items } = await desk.finds<{ items: { document: string; state: string }[] }>(
    '/allocations?order=newest&limit=5',
  );
  expect(items.find((one) => one.document === document)?.state).toBe('active');
  await trader.leaves();
});

it('the settlement bank confirms what came in, and the legal reviewer and the exchange begin with their own work', async () => {
  const [bank, reviewer, exchange] = await Promise.all([1, 2, 3].map(() => Person.at(browser)));
  if (!bank || !reviewer || !exchange) throw new Error('nobody is there');
  const reference = `XNM${Date.now()}`;
  await bank.signsIn('settlement.officer');
  await bank.does('确认入金', async (dialog) => {
    await bank.chooses('单位', '湖北力威电工');
    await dialog.getByLabel('金额').fill('123.45');
    await dialog.getByLabel('银行流水号').fill(reference);
  });
  const first = bank.page.getByRole('table', { name: '入金' }).getByRole('row').nth(1);
  await first.getByText(reference).waitFor();
  await bank.pictures('journey-money');
  await bank.leaves();
  await reviewer.signsIn('city.reviewer');
  await reviewer.page.getByRole('region', { name: '待法制审核' }).waitFor();
  await reviewer.page.getByRole('table', { name: '全部决定' }).getByRole('row').nth(1).waitFor();
  await reviewer.pictures('journey-reviewer');
  await reviewer.leaves();
  await exchange.signsIn('exchange.officer');
  await exchange.page.getByRole('link', { name: '咸宁市储备排污权竞价专场' }).first().waitFor();
  await exchange.leaves();
});
