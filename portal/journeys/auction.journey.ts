import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

it('two traders bid against each other, each sees the other at once, and a stranger looks on', async () => {
  const desk = await Desk.of('liwei.trader');
  const { items } = await desk.finds<{ items: { id: string; title: string }[] }>('/auctions?state=open');
  const auction = items.find((one) => one.title === '咸宁市储备排污权竞价专场')?.id ?? '';
  const [first, second] = await Promise.all([Person.at(browser), Person.at(browser, { language: 'en' })]);
  await Promise.all([first.signsIn('liwei.trader'), second.signsIn('yaxiya.trader')]);
  await Promise.all([first.opens(`/auctions/${auction}`), second.opens(`/auctions/${auction}`)]);
  await Promise.all([first, second].map(({ page }) => page.getByRole('timer').waitFor()));

  await first.page.getByRole('textbox', { name: '报价' }).fill('8790.00');
  await first.page.getByRole('button', { name: '提交报价' }).click();
  await first.page.getByText('报价已收到').waitFor();
  await second.page.getByTestId('best').filter({ hasText: '8,790.00' }).waitFor({ timeout: 5_000 });

  // Off the step, and for more than there is a deposit: both rules are told.
  await second.page.getByRole('textbox', { name: 'Price' }).fill('8795.00');
  await second.page.getByRole('textbox', { name: 'Quantity' }).fill('2.500');
  await second.page.getByRole('button', { name: 'Place the bid' }).click();
  const refusal = second.page.getByRole('alert').filter({ hasText: 'AUC_OFF_STEP' });
  await refusal.waitFor();
  expect(await refusal.textContent()).toContain('AUC_NO_DEPOSIT');
  await second.pictures('journey-bid-refused');
  await second.page.getByRole('textbox', { name: 'Price' }).fill('8890.00');
  await second.page.getByRole('textbox', { name: 'Quantity' }).fill('2.000');
  await second.page.getByRole('button', { name: 'Place the bid' }).click();
  await first.page.getByTestId('best').filter({ hasText: '8,890.00' }).waitFor({ timeout: 5_000 });
  await first.page.getByRole('row', { name: /2 号.*8,890\.00/ }).waitFor({ timeout: 5_000 });
  await first.pictures('journey-auction');

  const stranger = await Person.at(browser);
  await stranger.opens(`/public/auctions/${auction}`);
  const told = await stranger.page.getByRole('table').last().textContent();
  expect(told).toContain('8,890.00');
  expect(told).not.toContain('亚细亚');
  await Promise.all([first.leaves(), second.leaves(), stranger.leaves()]);
});
