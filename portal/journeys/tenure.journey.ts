import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, laidOpen, launch, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

it('力威电工 is told why it cannot surrender what it has not, surrenders a part, and the head of its bureau decides', async () => {
  const document = `力威注${Date.now()}`;
  const [mill, head] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([mill.signsIn('liwei.trader'), head.signsIn('tongcheng.head')]);
  await mill.opens('/holdings');
  await mill.does('注销', async (dialog) => {
    await mill.chooses('排污权', 'COD · 有偿取得');
    await mill.chooses('事由', '不再排放');
    await dialog.getByLabel('文号').fill(document);
    await dialog.getByLabel('数量').fill('99999.000');
    await dialog.getByRole('button', { name: '注销', exact: true }).click();
    await dialog.getByText('QTA_', { exact: false }).first().waitFor();
    await mill.pictures('journey-surrender-refused');
    await mill.isAccessible('a surrender that is refused');
    await dialog.getByLabel('数量').fill('0.010');
  });
  const act = mill.page.getByRole('table', { name: '权利变动' }).getByRole('row').filter({ hasText: document });
  await act.getByText('待处理').waitFor();

  // The head reads in the inbox what is given up, and goes on to the act itself.
  await head.opens('/tasks');
  const task = head.page.getByRole('row').filter({ hasText: '注销排污权' }).filter({ hasText: '0.010' }).last();
  await task.getByRole('link', { name: '注销排污权' }).click();
  await head.arrives(/\/right-acts\/[0-9a-f-]{36}$/);
  await head.page.locator('dd').filter({ hasText: document }).waitFor();
  await head.settles();
  await head.pictures('journey-right-act');
  await head.does('同意');
  await head.page.locator('dd').filter({ hasText: '已执行' }).waitFor();
  await mill.opens('/holdings');
  await act.getByText('已执行').waitFor();
  await mill.pictures('journey-surrendered');
  await Promise.all([mill.leaves(), head.leaves()]);
}, 120_000);

it('a visitor objects to a grant that is laid open once they have signed in, and the bureau dismisses it in its inbox', async () => {
  const [{ document }, visitor, head] = await Promise.all([laidOpen(), Person.at(browser), Person.at(browser)]);
  const text = `核定量超过环评批复 ${Date.now()}`;
  await visitor.opens('/public/announcements');
  const open = visitor.page.getByRole('row').filter({ hasText: document });
  await open.getByRole('button', { name: '提出异议' }).click();
  await visitor.page.waitForURL(/\/sign-in$/);
  await visitor.page.locator('input[autocomplete="username"]').fill('yaxiya.trader');
  await visitor.page.locator('input[autocomplete="current-password"]').fill('ganhe-demo-2022');
  await visitor.page.locator('button[type="submit"]').click();
  await visitor.arrives(/\/public\/announcements$/);
  await open.getByRole('button', { name: '提出异议' }).click();
  const dialog = visitor.page.getByRole('dialog', { name: '提出异议' });
  await dialog.and(visitor.page.locator(':not([class*="ant-zoom"])')).waitFor();
  await dialog.getByLabel('异议内容').fill(text);
  await visitor.pictures('journey-objection');
  await visitor.isAccessible('an objection to what is laid open');
  await dialog.getByRole('button', { name: '提出异议' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await head.signsIn('tongcheng.head');
  await head.opens('/tasks');
  const task = head.page.getByRole('row').filter({ hasText: '答复异议' }).last();
  await task.getByRole('button', { name: '异议不成立' }).click();
  const answer = head.page.getByRole('dialog', { name: '异议不成立' });
  await answer.and(head.page.locator(':not([class*="ant-zoom"])')).waitFor();
  await answer.getByText(text).waitFor();
  expect(await answer.getByRole('button', { name: '异议不成立' }).isDisabled()).toBe(true);
  await answer.getByLabel('理由').fill('与环评批复一致');
  await head.pictures('journey-objection-answer');
  await answer.getByRole('button', { name: '异议不成立' }).click();
  await answer.waitFor({ state: 'hidden' });

  await visitor.goes('/objections');
  const own = visitor.page.getByRole('table', { name: '异议' }).getByRole('row').filter({ hasText: text });
  await own.getByText('与环评批复一致').waitFor();
  await visitor.pictures('journey-objection-answered');
  await visitor.isAccessible('objections with their answers');
  await Promise.all([visitor.leaves(), head.leaves()]);
}, 120_000);

it('the city asks for a trade across a basin on evidence, and the province grants it', async () => {
  const [officer, province] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([officer.signsIn('city.officer'), province.signsIn('province.head')]);
  const reason = `省重点项目，流域内无可交易量 ${Date.now()}`;
  await officer.opens('/trades');
  await officer.page.getByRole('link', { name: '省级特批' }).click();
  await officer.arrives(/\/trades\/overrides$/);
  await officer.does('申请特批', async (dialog) => {
    await officer.chooses('转让方', '金盛兰');
    await officer.chooses('受让方', '通成高新');
    await officer.chooses('排污权', 'COD · 有偿取得 · 陆水');
    await dialog.getByLabel('特批数量').fill('1.000');
    await dialog.getByLabel('有效至').fill('2023-06-30');
    await dialog.getByLabel('理由').fill(reason);
    const file = { name: '重点项目说明.txt', mimeType: 'text/plain', buffer: Buffer.from(reason) };
    await dialog.getByLabel('证明材料').setInputFiles(file);
    // What stays within its basin needs no override.
    await dialog.getByRole('button', { name: '申请特批' }).click();
    await dialog.getByRole('alert').first().waitFor();
    await officer.pictures('journey-override-needless');
    await officer.isAccessible('a request for an override that is refused');
    await officer.chooses('排污权', 'COD · 有偿取得 · 长江');
  });
  const row = officer.page
    .getByRole('table', { name: '全部特批' })
    .getByRole('row')
    .filter({ hasText: '金盛兰' })
    .first();
  await row.getByText('待省级决定').waitFor();

  await province.opens('/tasks');
  const task = province.page.getByRole('row').filter({ hasText: '省级特批' }).filter({ hasText: '金盛兰' }).last();
  await task.getByRole('link').first().click();
  await province.arrives(/\/trades\/overrides\/[0-9a-f-]{36}$/);
  await province.page.locator('dd').filter({ hasText: reason }).waitFor();
  await province.does('批准');
  await province.page.locator('dt').filter({ hasText: '剩余' }).waitFor();
  await province.settles();
  await province.pictures('journey-override-granted');
  await province.isAccessible('an override that is granted');
  await officer.opens('/trades/overrides');
  await row.getByText('已批准').waitFor();
  await Promise.all([officer.leaves(), province.leaves()]);
}, 120_000);
