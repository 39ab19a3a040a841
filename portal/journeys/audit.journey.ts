import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person, server } from './support';

let browser: Browser;
let paper: string;

interface Items {
  items: { id: string }[];
}

/** Asks for more than is there, which a rule refuses. */
async function isRefused(trader: Desk, site: string | undefined): Promise<void> {
  const asked = trader.does('/surrenders', {
    ...{ site, right_class: RIGHT, quantity: '99999.000', cause: 'voluntary', document: '申请注销' },
  });
  await expect(asked).rejects.toThrow('QTA_NOT_ENOUGH_AVAILABLE');
}

const RIGHT = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';

/** The proof of a certificate that was issued just now, as it is attached to its PDF. */
async function issued(trader: Desk, site: string | undefined): Promise<string> {
  const { id } = await trader.does<{ id: string }>('/certificates', { site, right_class: RIGHT });
  for (;;) {
    const found = await trader.finds<{ content: string; proof: object | null }>(`/certificates/${id}`);
    if (found.proof !== null) return JSON.stringify({ certificate: found.content, ...found.proof });
    await new Promise((done) => setTimeout(done, 300));
  }
}

beforeAll(async () => {
  const [launched, trader, officer] = await Promise.all([
    launch(),
    Desk.of('liwei.trader'),
    Desk.of('tongcheng.officer'),
  ]);
  browser = launched;
  const site = (await trader.finds<Items>('/sites?number=SA0000002J')).items[0]?.id;
  const enterprise = (await officer.finds<Items>('/organisations?code=91421222MA0000002J')).items[0]?.id;
  await isRefused(trader, site);
  await officer.does('/facts', {
    organisation: enterprise,
    source: '鄂环信评〔2022〕3号',
    content: { kind: 'credit_rating', level: 'green', period: '2021Q4' },
  });
  paper = await issued(trader, site);
}, 60_000);
afterAll(async () => browser.close());

it('the auditor goes down from a balance to a proof that the browser checks itself, and sees who was refused by which rule', async () => {
  const auditor = await Person.at(browser);
  const { page } = auditor;
  await auditor.signsIn('auditor');
  await auditor.goes('/audit/balances?asset=CNY&purpose=available');
  await page.getByRole('table').getByRole('link').first().click();
  await page.getByRole('button', { name: '对账单' }).click();
  await page.getByText('期末').waitFor();
  await auditor.pictures('journey-account-statement');
  await auditor.isAccessible('the statement of an account');
  await page.getByRole('table').getByRole('link').first().click();
  const proved = page.getByRole('status').filter({ hasText: '本浏览器核验通过' });
  await proved.waitFor();
  expect(await proved.getByText('相符').count()).toBe(3);
  await auditor.pictures('journey-journal-proof');
  await auditor.isAccessible('the proof of a journal');
  await page.getByRole('link', { name: '查看各版本' }).click();
  await page.getByRole('button', { name: '验证' }).first().click();
  await proved.waitFor();
  expect(await proved.getByText('相符').count()).toBe(3);
  await auditor.pictures('journey-record-proof');

  await auditor.goes('/audit/refusals');
  const rule = page.getByRole('table', { name: '按规则统计' }).getByRole('row');
  await rule.filter({ hasText: 'QTA_NOT_ENOUGH_AVAILABLE' }).getByRole('button', { name: '查看明细' }).click();
  const refused = page.getByRole('table', { name: 'QTA_NOT_ENOUGH_AVAILABLE 的拒绝记录' }).getByRole('row');
  await refused.filter({ hasText: 'POST /api/v1/surrenders' }).filter({ hasText: 'liwei.trader' }).first().waitFor();
  await auditor.pictures('journey-refusals');
  await auditor.isAccessible('refusals by rule');
  await auditor.leaves();
}, 60_000);

it('the operator seals the month whose turn it is', async () => {
  const operator = await Person.at(browser);
  await operator.signsIn('operator');
  await operator.goes('/audit/periods');
  await operator.does('封存 2022-01', async (dialog) => {
    await dialog.getByText('不能重新打开').waitFor();
  });
  const month = operator.page.getByRole('table', { name: '全部账期' }).getByRole('row').filter({ hasText: '2022-01' });
  await month.getByText('已封账').waitFor();
  await operator.page.getByRole('button', { name: '封存 2022-02' }).waitFor();
  await operator.pictures('journey-periods');
  await operator.isAccessible('months of the book');
  await operator.leaves();
});

it('a visitor checks a paper by its proof, compares a checkpoint that they kept, and reads ratings', async () => {
  const kept = await (await fetch(`${server}/log/checkpoint`)).text();
  const visitor = await Person.at(browser);
  const { page } = visitor;
  await visitor.opens('/public/certificates');
  const proof = page.getByRole('region', { name: '按内附存证' });
  const hands = (name: string, text: string) =>
    proof
      .locator('input[type="file"]')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  await hands('certificate.json', paper);
  await proof.getByText('附件自证有效').waitFor();
  await visitor.pictures('journey-paper-proved');
  // Its number is altered: the text is no longer the one that was recorded.
  await hands('altered.json', paper.replace('CE-2022-', 'CE-2021-'));
  await proof.getByText('附件不能自证').waitFor();
  await visitor.isAccessible('a paper that does not prove itself');

  await visitor.goes('/public/log');
  await page.getByLabel('检查点文本').fill(kept);
  await page.getByRole('button', { name: '核对' }).click();
  await page.getByText('叶为开头').waitFor();
  const compared = page.getByRole('region', { name: '核对留存的检查点' }).getByRole('status');
  expect(await compared.getByText('相符').count()).toBe(2);
  await visitor.pictures('journey-kept-checkpoint');
  await visitor.goes('/public/ratings');
  await page.getByRole('table', { name: '企业' }).getByText('绿标').waitFor();
  await visitor.goes('/public/refusals');
  await page.getByRole('table', { name: '按规则统计' }).getByText('QTA_NOT_ENOUGH_AVAILABLE').waitFor();
  await visitor.leaves();
});
