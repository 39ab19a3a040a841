import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Browser, Desk, firstPassword, launch, Person } from './support';

interface Items<T> {
  items: T[];
}

const RIGHT = 'COD-MULTI-PAID-LUSHUI-20210101-20251231';
const mark = Date.now() % 1_000_000;

let browser: Browser;
/** 力威电工 has pledged to the bank of the county, and 亚细亚陶瓷 buys; each stays signed in from one journey to the next. */
let mill: Person;
let bank: Person;
let pledge: string;
beforeAll(async () => {
  [browser, pledge] = await Promise.all([launch(), pledged()]);
  [mill, bank] = await Promise.all([Person.at(browser), Person.at(browser)]);
  await Promise.all([mill.signsIn('liwei.trader'), bank.signsIn('huifa.pledgee')]);
}, 120_000);
afterAll(async () => {
  await Promise.all([mill.leaves(), bank.leaves()]);
  await browser.close();
});

/** A registered pledge of two tonnes that may be sold, and a buyer with money for them. */
async function pledged(): Promise<string> {
  const [lender, seller, officer, settlement, buyer] = await Promise.all([
    Desk.of('huifa.pledgee'),
    Desk.of('liwei.trader'),
    Desk.of('tongcheng.officer'),
    Desk.of('settlement.officer'),
    Desk.of('yaxiya.trader'),
  ]);
  const site = (await seller.finds<Items<{ id: string }>>('/sites?number=SA0000002J')).items[0]?.id;
  const { organisation: pledgee } = await lender.finds<{ organisation: string }>('/me');
  const { organisation: pledgor } = await seller.finds<{ organisation: string }>('/me');
  const { organisation } = await buyer.finds<{ organisation: string }>('/me');
  await officer.does('/reductions', { site, pollutant: 'COD', quantity: '2.000', document: `减排核定${mark}` });
  await settlement.does('/money/deposits', { organisation, amount: '20000.00', bank_reference: `ZR${mark}` });
  await seller.does('/consents', { pledgee, right_classes: [RIGHT], valid_until: '2023-12-31' });
  const { id } = await lender.does<{ id: string }>('/pledges', {
    pledgor,
    rights: [{ site, right_class: RIGHT, quantity: '2.000' }],
    loan_contract: `惠发借转${mark}`,
    pledge_contract: `惠发质转${mark}`,
    principal: '8000.00',
    secured: '8000.00',
    assessed_value: '17580.00',
    valuation_method: 'market_price',
    valued_on: '2022-11-30',
    debt_from: '2022-12-01',
    debt_to: '2023-11-30',
  });
  await officer.does(`/pledges/${id}/verify`, { documents: [] });
  await seller.does(`/pledges/${id}/agree`, {});
  await lender.does(`/pledges/${id}/register`, {});
  return `/pledges/${id}`;
}

it('what is pledged is sold with the consent of the bank, and the price pays the claim first', async () => {
  const buyer = await Person.at(browser);
  await buyer.signsIn('yaxiya.trader');

  // The buyer has told the number of its project, and the pledgor asks for the sale.
  await mill.goes(pledge);
  const asks = (quantity: string, look?: () => Promise<void>) =>
    mill.does('申请转让', async (dialog: Locator) => {
      await dialog.getByLabel('数量').fill(quantity);
      await dialog.getByLabel('买受项目编号').fill('P2022-001');
      await dialog.getByRole('button', { name: '查找' }).click();
      await dialog.getByRole('status').filter({ hasText: '亚细亚陶瓷' }).waitFor();
      await dialog.getByLabel('单价').fill('9000.00');
      await look?.();
    });
  await asks('1.000', async () => {
    await mill.page.getByRole('dialog').getByText('9,000.00').waitFor();
    await mill.pictures('journey-sale-asked');
    await mill.isAccessible('asking to sell what is pledged');
  });
  const sales = (person: Person) => person.page.getByRole('table', { name: '经质权人同意转让' });
  await sales(mill).locator('.state', { hasText: '待质权人同意' }).waitFor();

  // The bank finds it in its book, and consents; more than the price is refused at its field.
  await bank.opens('/');
  await sales(bank).getByText('湖北亚细亚').waitFor();
  await bank.pictures('journey-sale-book');
  await bank.goes(pledge);
  await bank.does('同意转让', async (dialog) => {
    await dialog.getByLabel('同意书文号').fill(`同意转让${mark}`);
    await dialog.getByLabel(/^先付债权/).fill('9000.01');
    await dialog.getByRole('button', { name: '同意转让' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'PLG_MORE_THAN' }).first().waitFor();
    await dialog.getByLabel(/^先付债权/).fill('5000.00');
    await bank.pictures('journey-sale-consent');
    await bank.isAccessible('consenting to a sale');
  });
  await sales(bank).locator('.state', { hasText: '质权人已同意' }).waitFor();

  // The bureau approves, and the buyer settles on the page of the trade, which takes no other payment.
  await buyer.opens('/trades');
  await sales(buyer).locator('.state', { hasText: '质权人已同意' }).waitFor();
  await buyer.pictures('journey-sale-buyer');
  await sales(buyer).getByRole('link', { name: '看交易' }).click();
  await buyer.page.locator('.steps .now', { hasText: '已成交待审核' }).waitFor();
  const trade = new URL(buyer.page.url()).pathname;
  await (await Desk.of('tongcheng.officer')).does(`${trade}/approve`, { documents: [] });
  await buyer.opens(trade);
  await buyer.page.getByText(`同意转让${mark}`).waitFor();
  expect(await buyer.page.getByRole('button', { name: '付款', exact: true }).count()).toBe(0);
  await buyer.pictures('journey-sale-trade');
  await buyer.isAccessible('a trade over what is pledged');
  await buyer.does('付款结算');
  await buyer.page.locator('.steps .now', { hasText: '已结算' }).waitFor();

  // The bank has its part, and the pledge holds and secures less.
  await bank.opens(pledge);
  await sales(bank).getByText('实付债权').waitFor();
  await bank.page.getByRole('table', { name: '条款变更' }).getByText('第 2 版').waitFor();
  await bank.page.getByRole('table', { name: '条款变更' }).getByText('3,000.00').first().waitFor();
  await bank.turns(true);
  await bank.pictures('journey-sale-settled-phone');
  await bank.turns(false);

  // Another one is refused with a reason, and a third taken back.
  await mill.opens(pledge);
  await asks('0.500');
  await bank.opens(pledge);
  await bank.does('不同意', (dialog) => dialog.getByRole('textbox').fill('价款不足'));
  await sales(bank).getByText('价款不足').waitFor();
  await mill.opens(pledge);
  await asks('0.400');
  await mill.does('撤回申请');
  await sales(mill).locator('.state', { hasText: '已撤回' }).waitFor();
  await buyer.leaves();
}, 120_000);

/** Another bank of the county, and who works there. */
async function otherBank(): Promise<{ name: string; login: string }> {
  const operator = await Desk.of('operator');
  const [name, code, login] = ['通城农村商业银行', '91421222MA0009051M', `other.pledgee`];
  const { items } = await operator.finds<Items<{ id: string }>>(`/organisations?code=${code}`);
  if (items.length > 0) return { name, login };
  const { id } = await operator.does<{ id: string }>('/organisations', { name, code, kind: 'bank', area: '421222' });
  await operator.does('/users', { organisation: id, login, name: '客户经理', roles: ['pledgee_officer'] });
  return { name, login: await firstPassword(login) };
}

it('a bank hands its claim over with the pledge, and the other bank is the pledgee', async () => {
  const { name, login } = await otherBank();
  const heir = await Person.at(browser);
  await heir.signsIn(login);
  const transfers = (person: Person) => person.page.getByRole('table', { name: '债权转让' });
  const proposes = (document: string) =>
    bank.does('转让债权', async (dialog) => {
      await bank.chooses('受让人', name);
      await dialog.getByLabel('转让协议文号').fill(document);
      await bank.pictures('journey-claim-transfer');
      await bank.isAccessible('transferring a claim');
    });
  // What is taken back and what is declined leaves everything as it was.
  await bank.opens(pledge);
  await proposes(`债转${mark}甲`);
  await bank.does('撤回');
  await transfers(bank).locator('.state', { hasText: '已撤回' }).waitFor();
  await proposes(`债转${mark}乙`);
  await heir.opens('/');
  await transfers(heir).getByText(`债转${mark}乙`).waitFor();
  await heir.pictures('journey-claim-offered');
  await heir.isAccessible('a claim that is offered');
  await heir.does('谢绝');
  await transfers(heir).locator('.state', { hasText: '已谢绝' }).waitFor();

  await bank.opens(pledge);
  await proposes(`债转${mark}丙`);
  await heir.opens('/');
  await heir.does('接受债权');
  const accepted = transfers(heir)
    .getByRole('row')
    .filter({ hasText: `债转${mark}丙` });
  await accepted.locator('.state', { hasText: '已转让' }).waitFor();
  await accepted.getByRole('link').click();
  await heir.page.getByRole('button', { name: '解除质押' }).waitFor();
  // The former pledgee sees the transfer, and the enterprise whom it owes.
  await bank.opens('/');
  await transfers(bank).getByText(`债转${mark}丙`).waitFor();
  await mill.opens(pledge);
  await mill.page.getByText(`出质给 ${name}`).waitFor();
  await heir.leaves();
}, 120_000);
