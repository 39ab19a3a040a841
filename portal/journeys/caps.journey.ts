import { afterAll, beforeAll, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

/** An area and a pollutant that nobody else's journey leads through. */
const [AREA, POLLUTANT, SITE] = ['421224', 'NOX', 'SA0000013K'];
const mark = Date.now() % 1_000_000;

let browser: Browser;
let cap: string;
beforeAll(async () => {
  [browser, cap] = await Promise.all([
    launch(),
    Desk.of('city.head').then(async (head) => {
      const found = await head.finds<{ items: { id: string }[] }>(`/capacities?area=${AREA}&pollutant=${POLLUTANT}`);
      return found.items[0]?.id ?? '';
    }),
  ]);
});
afterAll(async () => browser.close());

/** The head of the province approves what an officer has just proposed of a suspension. */
async function approved(): Promise<void> {
  const head = await Desk.of('province.head');
  const { items } = await head.finds<{ items: { id: string }[] }>('/tasks?act=area_suspension&order=newest&limit=1');
  await head.does(`/tasks/${items[0]?.id ?? ''}/decide`, { outcome: 'approved', reason: '同意' });
}

it('the province suspends an area, a grant into it is refused in plain words, and the suspension is lifted', async () => {
  const [province, city] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([province.signsIn('province.officer'), city.signsIn('city.officer')]);
  const document = `鄂环函〔2022〕${mark}号`;
  const row = province.page.getByRole('table', { name: '区域限批记录' }).getByRole('row').filter({ hasText: document });
  await province.opens('/capacities?area=421200');
  await province.does('区域限批', async (dialog) => {
    await province.chooses('限批区域', '通山县');
    await province.chooses('限批范围', '全部大气污染物');
    await dialog.getByLabel('文号').fill(document);
    await dialog.getByLabel('理由').fill('未完成大气环境质量目标');
    await province.pictures('journey-suspend-area');
  });
  await province.page.getByText('已提交，等待另一位人员批准。').first().waitFor();
  await approved();
  await province.opens('/capacities?area=421200');
  await row.getByText('限批中').waitFor();
  await province.pictures('journey-area-suspended');
  await province.isAccessible('an area that is suspended');

  // Whoever grants is told so at the line of the file.
  await city.opens('/batches');
  await city.page.getByLabel('核定文号').fill(`咸环核〔2022〕${mark}号`);
  const file = [
    '排污单位编号,污染物,取得方式,有效期起,有效期止,数量',
    `${SITE},${POLLUTANT},有偿,2022-12-01,2027-11-30,0.100`,
  ];
  await city.page
    .locator('input[type="file"]')
    .setInputFiles({ name: '批次.csv', mimeType: 'text/csv', buffer: Buffer.from([...file, ''].join('\n')) });
  await city.page.getByRole('button', { name: '上传并提出' }).click();
  await city.page.getByText(new RegExp(`起限批（${document}）`)).waitFor();
  await city.pictures('journey-area-suspended-grant');

  await province.does('解除限批', async (dialog) => {
    await dialog.getByLabel('文号').fill(`鄂环函〔2022〕${mark}号之二`);
    await dialog.getByLabel('理由').fill('整改完成');
  });
  await approved();
  await province.opens('/capacities?area=421200');
  await row.getByText('已解除').waitFor();
  await Promise.all([province.leaves(), city.leaves()]);
});

it('the city plans a cut of a cap, sees what it would leave, and takes it back', async () => {
  const head = await Person.at(browser);
  await head.signsIn('city.head');
  const document = `咸环总量〔2022〕${mark}号`;
  await head.opens(`/capacities/${cap}`);
  await head.does('计划变更', async (dialog) => {
    await dialog.getByLabel('总量上限').fill('1.000');
    await dialog.getByText(/将记为待削减，剩余容量为零/).waitFor();
    await dialog.getByLabel('生效日').fill('2023-06-01');
    await dialog.getByLabel('文号').fill(document);
    await head.pictures('journey-plan-cut');
  });
  const row = head.page.getByRole('table', { name: '总量变更' }).getByRole('row').filter({ hasText: '2023-06-01' });
  await row.getByText('待生效').first().waitFor();
  await head.settles();
  await head.pictures('journey-cap-cut-planned');
  await head.isAccessible('a cut of a cap that waits');
  await head.does('撤回变更', async (dialog) => dialog.getByLabel('理由').fill('另行核定'));
  await row.getByText('已撤回').first().waitFor();
  await head.leaves();
});

interface Items {
  items: { id: string }[];
}

/** A sale of SO₂ within the county, paid and settled: it owes the permits of both sides a variation. */
async function settled(): Promise<string> {
  const [seller, buyer, officer, bank] = await Promise.all(
    ['liwei.trader', 'yaxiya.trader', 'tongcheng.officer', 'settlement.officer'].map((login) => Desk.of(login)),
  );
  if (!seller || !buyer || !officer || !bank) throw new Error('somebody is missing');
  const first = async (desk: Desk, path: string) => (await desk.finds<Items>(path)).items[0]?.id ?? '';
  const seller_site = await first(seller, '/sites?number=SA0000002J');
  const buyer_site = await first(buyer, '/sites?number=SA0000001F');
  const { organisation } = await buyer.finds<{ organisation: string }>('/me');
  const [project] = await Promise.all([
    first(buyer, `/projects?site=${buyer_site}`),
    officer.does('/reductions', { site: seller_site, pollutant: 'SO2', quantity: '0.100', document: `减排${mark}` }),
    bank.does('/money/deposits', { organisation, amount: '400.00', bank_reference: `CAPS${mark}` }),
  ]);
  const listing = await seller.does<{ id: string }>('/listings', {
    seller_site,
    right_class: 'SO2-MULTI-PAID-421200-20210101-20251231',
    ...{ quantity: '0.100', minimum: '0.100', unit_price: '4000.00' },
  });
  await seller.does(`/listings/${listing.id}/open`, {});
  const bought = { quantity: '0.100', buyer_site, project };
  const trade = await buyer.does<{ id: string }>(`/listings/${listing.id}/purchases`, bought);
  await officer.does(`/trades/${trade.id}/approve`, { documents: [] });
  await buyer.does(`/trades/${trade.id}/pay`, {});
  return trade.id;
}

it('the bureau varies the permits of both sides of a trade, which closes, compares permits with rights, and registers an outlet', async () => {
  const [officer, trade] = await Promise.all([Person.at(browser), settled()]);
  await officer.signsIn('tongcheng.officer');
  await officer.goes(`/trades/${trade}`);
  await officer.does('变更转让方许可', async (dialog) => {
    await dialog.getByText(/减少 0\.100 t/).waitFor();
    await officer.pictures('journey-vary-permit');
  });
  await officer.page.getByText('已变更', { exact: true }).waitFor();
  await officer.does('变更受让方许可');
  await officer.page.locator('.steps [aria-current]', { hasText: '已办结' }).waitFor();
  await officer.pictures('journey-permits-varied');

  await officer.goes('/permits');
  await officer.page.getByRole('button', { name: '核对证量' }).click();
  await officer.page.getByText('核对的排污单位').waitFor();
  await officer.pictures('journey-permits-compared');

  await officer.goes('/compliance?part=monitors');
  const outlet = `废水总排口${mark}`;
  await officer.does('登记排放口', async (dialog) => {
    await officer.chooses('排污单位', '力威');
    await dialog.getByLabel('排放口名称').fill(outlet);
    await dialog.getByLabel('设备编号（MN）').fill(`A${mark}`);
    await officer.pictures('journey-register-outlet');
  });
  await officer.page.getByRole('table', { name: '排放口' }).getByText(outlet).waitFor();
  await officer.isAccessible('outlets');
  await officer.leaves();
});
