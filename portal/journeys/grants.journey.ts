import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

interface Items {
  items: { id: string; number: string; state: string }[];
}

const BATCH = `通环核〔2022〕${Date.now() % 100_000}批`;

let browser: Browser;
beforeAll(async () => {
  const officer = await Desk.of('tongcheng.officer');
  [browser] = await Promise.all([
    launch(),
    officer.does('/allocation-batches', {
      number: BATCH,
      items: ['COD', 'NH3N'].map((pollutant) => ({
        ...{ site: 'SA0000002J', pollutant, origin: 'free' },
        ...{ valid_from: '2022-12-01', valid_to: '2027-11-29', quantity: '0.010' },
      })),
    }),
  ]);
});
afterAll(async () => browser.close());

it('a head looks through a batch that an officer has uploaded, confirms it, and sees its work end', async () => {
  const head = await Person.at(browser);
  await head.signsIn('tongcheng.head');
  await head.goes('/batches');
  const batch = head.page.getByRole('table', { name: '全部批次' }).getByRole('row').filter({ hasText: BATCH });
  await batch.getByRole('link', { name: '2', exact: true }).click();
  const grants = head.page.getByRole('table', { name: '批次中的核定' }).getByRole('row');
  await grants.filter({ hasText: '随批次办理' }).nth(1).waitFor();
  expect(await grants.count()).toBe(3);
  await head.pictures('journey-batch-grants');
  await head.page.getByRole('tab', { name: '批量核定' }).click();
  await batch.getByRole('button', { name: '确认', exact: true }).click();
  await head.page.getByRole('dialog').getByRole('button', { name: '确认', exact: true }).click();
  await head.page.getByRole('region', { name: '确认进度' }).getByText('已完成 · 已处理 2 / 2').waitFor();
  await batch.getByText('已生效').waitFor();
  await head.pictures('journey-batch-confirmed');
  await head.isAccessible('a batch that was confirmed');
  await head.leaves();
});

const evidence = (name: string) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 approval') });

/** 力威电工 drafts an application and hands it in with its evidence. Gives the number under which it is registered. */
async function handsIn(trader: Person): Promise<string> {
  await trader.goes('/applications');
  await trader.does('起草申请', async (dialog) => {
    await dialog.getByLabel('有效期起').fill('2022-12-01');
    await dialog.getByLabel('有效期止').fill('2027-11-28');
    await dialog.getByLabel('数量').fill('0.300');
    // A list that is about to close still fades, which is nothing that anybody reads.
    await trader.isAccessible('drafting an application');
    await trader.chooses('污染物', '化学需氧量');
    await trader.chooses('取得方式', '无偿取得');
    await trader.pictures('journey-application-draft');
  });
  await trader.page.getByRole('heading', { name: '草稿' }).waitFor();
  await trader.does('提交申请', (dialog) =>
    dialog.locator('input[type="file"]').setInputFiles(evidence('环评批复.pdf')),
  );
  const heading = trader.page.getByRole('heading', { name: /^AP-2022-\d+$/ });
  return (await heading.textContent()) ?? '';
}

it('力威电工 applies for rights, corrects what is told once, and is granted less than it has applied for', async () => {
  const people = await Promise.all([1, 2, 3].map(() => Person.at(browser)));
  const [trader, officer, head] = people;
  if (!trader || !officer || !head) throw new Error('nobody is there');
  await Promise.all([
    trader.signsIn('liwei.trader'),
    officer.signsIn('tongcheng.officer'),
    head.signsIn('tongcheng.head'),
  ]);
  const number = await handsIn(trader);

  await officer.goes('/applications');
  await officer.page.getByRole('link', { name: number }).click();
  await officer.does('告知补正', async (dialog) => {
    await dialog.getByLabel('需补正的第 1 项').fill('缺少排污许可证副本');
    await dialog.getByRole('button', { name: '再加一项' }).click();
    await dialog.getByLabel('需补正的第 2 项').fill('申请数量与环评批复不一致');
    await dialog.getByLabel('补正期限（工作日）').fill('5');
    await officer.pictures('journey-application-lacks');
    await officer.isAccessible('asking for a correction');
  });
  await officer.page.getByText('还有 5 个工作日').first().waitFor();

  await trader.opens('/');
  await trader.page.getByRole('table', { name: '待补正的核定申请' }).getByRole('link', { name: number }).click();
  await trader.page.getByText('申请数量与环评批复不一致').waitFor();
  await trader.does('修改', (dialog) => dialog.getByLabel('数量').fill('0.200'));
  await trader.does('提交补正', (dialog) =>
    dialog.locator('input[type="file"]').setInputFiles(evidence('排污许可证副本.pdf')),
  );

  await officer.opens(new URL(officer.page.url()).pathname);
  await officer.page.getByRole('button', { name: '受理', exact: true }).waitFor();
  expect(await officer.page.getByRole('button', { name: '告知补正' }).count()).toBe(0);
  await officer.does('受理', (dialog) => dialog.getByLabel('理由（可选）').fill('材料齐全，符合法定形式'));
  await officer.does('提出核定', async (dialog) => {
    await dialog.getByLabel('数量').fill('0.250');
    await dialog.getByRole('button', { name: '提出核定', exact: true }).click();
    await dialog.getByRole('alert').filter({ hasText: '核定数量不得超过申请数量 0.200' }).waitFor();
    await officer.pictures('journey-application-refused');
    await dialog.getByLabel('数量').fill('0.150');
  });

  const way = await officer.page.locator('.facts a[href^="/allocations/"]').getAttribute('href');
  await head.goes(way ?? '');
  await head.pictures('journey-grant');
  await head.does('确认');
  await head.page.locator('.steps .done').filter({ hasText: '已生效' }).waitFor();
  await head.isAccessible('a grant');
  const desk = await Desk.of('liwei.trader');
  const { items } = await desk.finds<Items>('/allocation-applications?state=proposed&order=newest');
  expect(items.map((one) => one.number)).toContain(number);
  await Promise.all(people.map((one) => one.leaves()));
}, 60_000);
