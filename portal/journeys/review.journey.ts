import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

let browser: Browser;
let day: string;
beforeAll(async () => {
  browser = await launch();
  day = await reviewed('surrender');
}, 60_000);
// Other journeys go on under the rules that they found.
afterAll(async () => {
  await reviewed(null);
  await browser.close();
});

interface Task {
  id: string;
}

/** Adopts a version of the rulebook, in force from today on, that names the acts which are reviewed before they are decided. */
async function reviewed(acts: string | null): Promise<string> {
  const [officer, head] = await Promise.all([Desk.of('province.officer'), Desk.of('province.head')]);
  const today = (await officer.finds<{ business_time: string }>('/public/installation')).business_time.slice(0, 10);
  const rule = { name: 'major_acts', value: acts, ...(acts !== null && { legal_basis: '行政处罚法第五十八条' }) };
  const task = await officer.does<Task>('/rulebooks', { effective_from: today, rules: [rule] });
  await head.does(`/tasks/${task.id}/decide`, { outcome: 'approved', reason: '照此施行' });
  return today;
}

/** 力威电工 proposes to give up a little of what it holds freely; the task is of the bureau in charge. */
async function surrendered(): Promise<string> {
  const trader = await Desk.of('liwei.trader');
  const { items } = await trader.finds<{
    items: { owner: string; asset: string; asset_kind: string; balance: string }[];
  }>('/balances?purpose=available&limit=200');
  const held = items.find((one) => one.asset_kind === 'right' && Number(one.balance) > 0.01);
  const document = `注销申请${Date.now()}`;
  const body = { site: held?.owner, right_class: held?.asset, quantity: '0.010', cause: 'voluntary', document };
  return (await trader.does<{ id: string }>('/surrenders', body)).id;
}

it('a major act waits for the legal review, the reviewer signs, and the decision is complete', async () => {
  const act = await surrendered();
  const desk = await Desk.of('city.head');
  const task = (await desk.finds<{ items: Task[] }>(`/tasks?subject=${act}`)).items[0]?.id ?? '';
  const [reviewer, head] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([reviewer.signsIn('city.reviewer'), head.signsIn('city.head')]);

  // Before the review nobody decides: the refusal names the rule.
  const waiting = head.page.getByRole('row').filter({ hasText: '注销排污权' }).first();
  await waiting.getByRole('button', { name: '同意', exact: true }).click();
  const asked = head.page.getByRole('dialog', { name: '同意', exact: true });
  await asked.and(head.page.locator(':not([class*="ant-zoom"])')).waitFor();
  await asked.getByRole('button', { name: '同意', exact: true }).click();
  await asked.getByRole('alert').first().waitFor();
  expect(await asked.getByRole('alert').first().textContent()).toMatch(/DEC_|TSK_/);
  await head.pictures('journey-review-missing');

  // The reviewer finds it in the panel of what waits for the review, and signs.
  const panel = reviewer.page.getByRole('table', { name: '待法制审核' });
  await panel.getByText('注销排污权').first().waitFor();
  await reviewer.pictures('journey-review');
  await reviewer.isAccessible('decisions that wait for the legal review');
  await reviewer.does('法制审核', async (dialog) => {
    await dialog.getByLabel('意见').fill('程序合法，证据充分');
  });
  await reviewer.page.getByText('审核同意 · 程序合法，证据充分').first().waitFor();

  await asked.getByRole('button', { name: '同意', exact: true }).click();
  await asked.waitFor({ state: 'hidden' });
  await head.goes('/decisions');
  const record = head.page.getByRole('row').filter({ hasText: '审核同意 · 程序合法' }).first();
  await record.getByText('已决定').waitFor();
  await record.getByText('重大').waitFor();
  const kept = await desk.finds<{ state: string; is_major: boolean; rulebook?: string }>(`/decisions/${task}`);
  expect([kept.state, kept.is_major]).toEqual(['decided', true]);
  await head.pictures('journey-review-decided');
  await Promise.all([reviewer.leaves(), head.leaves()]);
  expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
}, 120_000);
