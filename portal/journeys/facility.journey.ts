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
});

/** A consent of 亚细亚陶瓷 to all COD that it holds, of which it has bought some. */
async function consented(): Promise<string> {
  const [enterprise, bank] = await Promise.all([Desk.of('yaxiya.trader'), Desk.of('huifa.pledgee')]);
  const { items } = await enterprise.finds<{ items: { asset: string }[] }>('/balances?purpose=available&limit=200');
  const right_classes = [...new Set(items.map((one) => one.asset).filter((asset) => asset.startsWith('COD-')))];
  const { organisation } = await bank.finds<{ organisation: string }>('/me');
  const body = { pledgee: organisation, right_classes, valid_until: '2023-12-31' };
  return (await enterprise.does<{ id: string }>('/consents', body)).id;
}

it('a bank looks at the trades of an enterprise under its consent, and the enterprise reads in its log that it did', async () => {
  const [bank, mill, consent] = await Promise.all([
    Person.at(browser),
    Person.at(browser, { language: 'en' }),
    consented(),
  ]);
  await Promise.all([bank.signsIn('huifa.pledgee'), mill.signsIn('yaxiya.trader')]);
  await bank.opens(`/pledges/apply?consent=${consent}`);
  await bank.page.getByRole('button', { name: '查看成交记录' }).click();
  await bank.page.getByRole('table', { name: '成交记录' }).getByText('受让').first().waitFor();
  await bank.settles();
  await bank.pictures('journey-consent-trades');
  await bank.isAccessible('trades under a consent');
  await bank.turns(true);
  await bank.pictures('journey-consent-trades-phone');
  await mill.opens('/consents');
  const looks = mill.page.getByRole('table', { name: 'Who has looked' });
  await looks.getByText('Trades', { exact: true }).first().waitFor();
  await looks.getByText('Holdings', { exact: true }).first().waitFor();
  await mill.pictures('journey-consent-looks');
  await Promise.all([bank.leaves(), mill.leaves()]);
});
