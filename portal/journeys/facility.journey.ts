import { afterAll, beforeAll, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

/** A facility of the bank's, offered to these enterprises. */
async function offered(name: string, logins: string[]): Promise<void> {
  const bank = await Desk.of('huifa.pledgee');
  const limits = await Promise.all(
    logins.map(async (login) => {
      const { organisation } = await (await Desk.of(login)).finds<{ organisation: string }>('/me');
      return { organisation, sub_limit: '100000.00' };
    }),
  );
  await bank.does('/facilities', { name, limits });
}

it('a facility is declined by one, taken back from another, and closed, in two browsers', async () => {
  const mark = Date.now() % 1_000_000;
  const [first, second] = [`集中授信${mark}甲`, `集中授信${mark}乙`];
  // The newest stands first.
  await offered(second, ['liwei.trader']);
  await offered(first, ['liwei.trader', 'yaxiya.trader']);
  const [bank, mill] = await Promise.all([Person.at(browser), Person.at(browser, { language: 'en' })]);
  await Promise.all([bank.signsIn('huifa.pledgee'), mill.signsIn('liwei.trader')]);

  // The enterprise declines the one and accepts the other.
  await mill.opens('/facilities');
  await mill.pictures('journey-facility-offered');
  await mill.isAccessible('facilities that are offered');
  await mill.does('Decline');
  await mill.page.getByRole('table', { name: first }).getByText('Declined').waitFor();
  await mill.does('Accept');
  await mill.page.getByRole('table', { name: second }).getByText('Accepted').waitFor();

  // The bank takes back what the other enterprise has not answered, and closes both.
  await bank.opens('/facilities');
  await bank.page.getByRole('table', { name: first }).getByText('已谢绝').waitFor();
  await bank.does('撤回');
  await bank.page.getByRole('table', { name: first }).getByText('已撤回').waitFor();
  const panel = bank.page.locator('section', { hasText: second }).last();
  await panel.getByRole('button', { name: '关闭授信' }).click();
  const dialog = bank.page.getByRole('dialog', { name: '关闭授信' });
  await dialog.and(bank.page.locator(':not([class*="ant-zoom"])')).waitFor();
  await dialog.getByRole('button', { name: '关闭授信' }).click();
  await bank.page.getByRole('table', { name: second }).getByText('已关闭').waitFor();
  await bank.pictures('journey-facility-closed');
  await bank.isAccessible('a facility that is closed');
  await bank.turns(true);
  await bank.pictures('journey-facility-closed-phone');
  await Promise.all([bank.leaves(), mill.leaves()]);
}, 120_000);
