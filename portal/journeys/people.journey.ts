import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** A credit code of the county that nobody has yet, with its check digit. */
function freshCode(): string {
  const start = `91421222MA${String(Date.now() % 10_000_000).padStart(7, '0')}`;
  let [weight, sum] = [1, 0];
  for (const letter of start) {
    sum += LETTERS.indexOf(letter) * weight;
    weight = (weight * 3) % 31;
  }
  return start + (LETTERS[(31 - (sum % 31)) % 31] ?? '');
}

it('an enterprise applies, its bureau takes the task up and verifies it, and its administrator finds the desk open', async () => {
  const [code, name] = [freshCode(), `通城造纸${Date.now() % 100_000}号厂`];
  const [mill, officer] = await Promise.all([Person.at(browser), Person.at(browser)]);
  const { page } = mill;

  // A code whose check digit is wrong is told at its field, before anything is sent.
  await mill.opens('/sign-in');
  await page.getByRole('link', { name: '申请加入' }).click();
  await page.getByRole('heading', { name: '申请加入' }).waitFor();
  await mill.chooses('单位类别', '企业');
  await page.getByLabel('单位名称').fill(name);
  await page.getByLabel('统一社会信用代码').fill(`${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`);
  await page.getByLabel('统一社会信用代码').blur();
  await page.getByText('须为 18 位，且校验码正确').waitFor();
  await page.getByLabel('统一社会信用代码').fill(code);
  await mill.chooses('区域', '通城县');
  await page.getByLabel('姓名').fill('王敏');
  await page.getByLabel('用户名').fill('liwei.admin');
  await page.getByLabel('密码', { exact: true }).fill('ganhe-demo-2022');
  await page.getByLabel('再输一次密码').fill('ganhe-demo-2022');
  // A login that somebody has is refused by the register, at its field.
  await page.getByRole('button', { name: '提交申请' }).click();
  await page.locator('main .notice[role="alert"]').waitFor();
  const login = `paper.${code.toLowerCase()}`;
  await page.getByLabel('用户名').fill(login);
  await mill.pictures('journey-apply');
  await page.getByRole('button', { name: '提交申请' }).click();
  await page.getByRole('heading', { name: '申请已提交' }).waitFor();
  await mill.isAccessible('an application that was handed in');

  // Until the bureau has ruled there is nothing to see but that it waits.
  await mill.signsIn(login);
  await page.getByRole('heading', { name: '申请进度' }).waitFor();
  await mill.pictures('journey-applied');
  await mill.isAccessible('how an application stands');

  await officer.signsIn('tongcheng.officer');
  const row = officer.page.getByRole('row', { name });
  await row.getByRole('button', { name: '领取' }).click();
  await row.getByText('由您办理').waitFor();
  await officer.pictures('journey-claimed');
  await officer.isAccessible('a task that was taken up');
  // To somebody else it is shown with whoever has it, and is not theirs to decide.
  const head = await Person.at(browser);
  await head.signsIn('tongcheng.head');
  const seen = head.page.getByRole('row', { name });
  await seen.getByText(/^由 .+ 办理$/).waitFor();
  expect(await seen.getByRole('button', { name: '同意', exact: true }).count()).toBe(0);
  await head.pictures('journey-claimed-by-another');
  await row.getByRole('button', { name: '放回' }).click();
  await row.getByRole('button', { name: '领取' }).waitFor();

  await officer.goes('/organisations');
  await officer.page.getByRole('table', { name: '待审核的申请' }).getByText(name).waitFor();
  await officer.pictures('journey-organisations');
  const applied = officer.page.getByRole('table', { name: '待审核的申请' }).getByRole('row', { name });
  await applied.getByRole('button', { name: '审核通过' }).click();
  const dialog = officer.page.getByRole('dialog', { name: '审核通过' });
  await dialog.and(officer.page.locator(':not([class*="ant-zoom"])')).waitFor();
  await dialog.getByRole('button', { name: '审核通过' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await applied.waitFor({ state: 'hidden' });

  await page.getByRole('button', { name: '查看最新进度' }).click();
  await page.getByRole('heading', { name: '用户与角色' }).waitFor();
  await Promise.all([mill.leaves(), officer.leaves(), head.leaves()]);
}, 120_000);

it('a bureau records how an enterprise was rated, corrects it, and the enterprise sees both', async () => {
  const [officer, mill] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([officer.signsIn('tongcheng.officer'), mill.signsIn('liwei.trader')]);
  const { page } = officer;
  const source = `咸环信评〔2022〕${Date.now() % 100_000}号`;
  const facts = await (
    await Desk.of('tongcheng.officer')
  ).finds<{ items: { content: { period: string } | null }[] }>('/facts?kind=credit_rating&limit=200');
  const told = new Set(facts.items.map((one) => one.content?.period));
  const period = ['2022Q3', '2022Q2', '2022Q1', '2021Q4', '2021Q3'].find((one) => !told.has(one)) ?? '2020Q1';
  await officer.goes('/facts');
  await officer.does('记录事实', async (dialog) => {
    await officer.chooses('被评价企业', '力威电工');
    await dialog.getByLabel('等级').fill('yellow');
    await page.keyboard.press('Tab');
    // A period that has not come is refused by the register.
    await dialog.getByLabel('期间').fill('2023Q4');
    await dialog.getByLabel('依据文号').fill(source);
    await dialog.getByRole('button', { name: '记录事实' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'ORG_FACT_IN_FUTURE' }).waitFor();
    await officer.pictures('journey-fact-refused');
    await dialog.getByLabel('期间').fill(period);
  });
  const row = page.getByRole('row', { name: source }).first();
  await row.getByText(`黄牌 · ${period}`).waitFor();
  await officer.pictures('journey-facts');
  await officer.isAccessible('facts of a bureau');
  await row.getByRole('button', { name: '更正' }).click();
  const dialog = page.getByRole('dialog', { name: '更正' });
  await dialog.getByLabel('等级').fill('green');
  await page.keyboard.press('Tab');
  await dialog.getByLabel('理由').fill('复核后调整');
  await dialog.getByLabel('依据文号').fill(`${source}更`);
  await dialog.getByRole('button', { name: '更正' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page
    .getByRole('row', { name: `${source}更` })
    .getByText(`绿牌 · ${period}`)
    .waitFor();
  await officer.turns(true);
  await officer.pictures('journey-facts-phone');

  await mill.goes('/organisation');
  const own = mill.page.getByRole('table', { name: '监管事实' });
  await own.getByText('更正理由：复核后调整').first().waitFor();
  await own.getByText('已更正').first().waitFor();
  await mill.pictures('journey-own-facts');
  await Promise.all([officer.leaves(), mill.leaves()]);
}, 120_000);
