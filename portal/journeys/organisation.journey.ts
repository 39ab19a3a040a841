import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { administrator, type Browser, Desk, firstPassword, launch, onOneDatabase, Person } from './support';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const STEP_SECONDS = 30;

/** The six digits of an authenticator app (RFC 6238) for a secret in base32. */
function digits(secret: string): string {
  const bits = Array.from(secret, (one) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_SECONDS)));
  const hash = createHmac('sha1', Buffer.from(bytes.map((one) => parseInt(one, 2))))
    .update(counter)
    .digest();
  const value = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, '0');
}

onOneDatabase(
  'an administrator registers what acts for the bank, and enrols a second factor that the next sign-in asks for',
  async () => {
    const login = await administrator('91421222ma0000903q');
    const keeper = await Person.at(browser, { language: 'en' });
    await keeper.signsIn(login);
    const { page } = keeper;
    const shown = () => page.getByRole('dialog').filter({ hasText: 'It is shown this once' });
    const keeps = async () => {
      await shown().getByRole('button', { name: 'I have kept it' }).click();
      await shown().waitFor({ state: 'hidden' });
    };

    // An address that leads nowhere public is refused at its field; a good one has its secret shown once.
    await keeper.opens('/webhooks');
    await page.getByRole('button', { name: 'Register an address' }).click();
    await page.getByLabel('Address', { exact: true }).fill('http://127.0.0.1/hook');
    await page.getByRole('dialog').getByRole('button', { name: 'Register an address' }).click();
    await page.getByRole('dialog').getByRole('alert').filter({ hasText: 'API_BAD_ADDRESS' }).waitFor();
    const address = `https://bank.example/hooks/${Date.now()}`;
    await page.getByLabel('Address', { exact: true }).fill(address);
    await keeper.stands();
    await page.getByRole('dialog').getByRole('button', { name: 'Register an address' }).click();
    await shown()
      .getByText(/^whsec_/)
      .waitFor();
    await keeper.pictures('journey-secret');
    await keeps();
    await page.getByRole('link', { name: address }).click();
    await page.getByText('No messages').waitFor();

    // A program gets what its role carries and no more.
    await keeper.opens('/clients');
    await page.getByRole('button', { name: 'Register a client' }).click();
    await page.getByLabel('Name', { exact: true }).fill('信贷系统');
    await keeper.chooses('Roles', 'Pledgee officer');
    await page.keyboard.press('Escape');
    await page.getByLabel('Permissions').fill('read_pledges');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').getByRole('button', { name: 'Register a client' }).click();
    await shown().getByText('client_secret').waitFor();
    await keeps();
    await page.getByRole('table', { name: 'Clients' }).getByText('信贷系统').first().waitFor();

    await keeper.opens('/account');
    await page.getByRole('button', { name: 'Enrol a second factor' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password').fill('ganhe-demo-2022');
    await dialog.getByRole('button', { name: 'Enrol a second factor' }).click();
    await page.getByRole('img', { name: /QR/ }).waitFor();
    await keeper.pictures('journey-second-factor');
    await keeper.isAccessible('enrolling a second factor');
    const secret = (await page.locator('.enrolment code').textContent())?.trim() ?? '';
    await page.getByLabel('Code', { exact: true }).fill(digits(secret));
    await page.getByRole('button', { name: 'Check and enrol' }).click();
    await shown().waitFor();
    const [recovery = '', another = ''] = (await shown().locator('code').allTextContents()).map((one) => one.trim());
    await keeps();
    // The cookie of the browser goes on, and the next sign-in asks for a code.
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in|public/);
    await keeper.opens('/sign-in');
    await page.locator('input[autocomplete="username"]').fill(login);
    await page.locator('input[autocomplete="current-password"]').fill('ganhe-demo-2022');
    await page.locator('button[type="submit"]').click();
    await page.getByLabel('Code', { exact: true }).fill(recovery);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL((url) => url.pathname !== '/sign-in');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();

    // What was enrolled is done away with again, by a code that is right.
    await keeper.opens('/account');
    await page.getByRole('button', { name: 'Remove second factor' }).click();
    const removal = page.getByRole('dialog');
    await removal.getByLabel('Code').fill('not-a-code');
    await removal.getByRole('button', { name: 'Remove second factor' }).click();
    await removal.getByRole('alert').first().waitFor();
    expect(await removal.getByRole('alert').first().textContent()).toMatch(/AUT_/);
    await removal.getByLabel('Code').fill(another);
    await keeper.stands();
    await removal.getByRole('button', { name: 'Remove second factor' }).click();
    await removal.waitFor({ state: 'hidden' });
    await keeper.leaves();
  },
);

it('somebody acts for a colleague who has handed a role over, and sees for whom all the while', async () => {
  const trader = await Desk.of('liwei.trader');
  const { organisation, name } = await trader.finds<{ organisation: string; name: string }>('/me');
  const keeper = await Desk.of('liwei.admin');
  const login = `liwei.stand-in.${Date.now()}`;
  const user = await keeper.does<{ id: string }>('/users', {
    organisation,
    login,
    name: '代班',
    roles: ['enterprise_approver'],
  });
  await firstPassword(login);
  const until = '2023-01-31T00:00:00+08:00';
  await trader.does('/delegations', { delegate: user.id, roles: ['enterprise_trader'], until });

  const second = await Person.at(browser, { language: 'en' });
  await second.signsIn(login);
  const { page } = second;
  await second.opens('/market/sell');
  await page.getByRole('button', { name: 'Act for …' }).click();
  await page.getByRole('menuitem', { name: new RegExp(`^${name}: Enterprise trader`) }).click();
  const sign = page.getByRole('status').filter({ hasText: `You act for ${name}` });
  await sign.waitFor();
  await second.settles();
  await second.pictures('journey-acting-for');
  await second.isAccessible('acting for somebody');
  // What the colleague may do is there now, and is done with the role that was handed over.
  await second.opens('/consents');
  await sign.waitFor();
  await page.getByRole('button', { name: 'Give a consent' }).waitFor();
  await second.turns(true);
  await sign.waitFor();
  await second.pictures('journey-acting-for-phone');
  await second.turns(false);
  await page.getByRole('button', { name: 'Act for myself again' }).click();
  await sign.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Act for …' }).waitFor();
  await second.leaves();
});
