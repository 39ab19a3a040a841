import axeCore from 'axe-core';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BrowserContext, chromium, type Locator, type Page, type Request } from 'playwright-core';
import { expect, it } from 'vitest';

/** Where the server is, which the script has started. */
export const server = process.env['GANHE_URL'] ?? 'http://127.0.0.1:8080';
/** Where pictures of pages are left. */
const pictures = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'ganhe-'));
mkdirSync(pictures, { recursive: true });

/** The password of every login of a demonstration. */
const PASSWORD = 'ganhe-demo-2022';

/** How a page looks does not depend on the database: on this one it is only used. */
const LOOKED_AT_ELSEWHERE = process.env['DATABASE'] === 'postgres';

/** A journey of which nothing but the portal is tried: it is the same on either database. */
export const onOneDatabase = it.skipIf(LOOKED_AT_ELSEWHERE);

export type Language = 'zh' | 'en';

/** How somebody looks at the portal. */
export interface Looks {
  language?: Language;
  isPhone?: boolean;
  isDark?: boolean;
}

const DESKTOP = { width: 1360, height: 900 };
const PHONE = { width: 390, height: 844 };

/** The browser, of which each person has a context of their own. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export type Browser = Awaited<ReturnType<typeof launch>>;

/** Whoever is at a browser now. */
export const people = new Set<Person>();

/** What somebody needs to sign in beside two others while nothing but the other journeys is on, in milliseconds. */
const QUIET_SIGN_IN = 5_000;
/** How long whoever signed in last needed for it. */
let lastSignIn = QUIET_SIGN_IN;

/**
 * How much slower than a quiet machine this one is at present. What people must do within windows of the clock is given so much more
 * time.
 */
export const stretch = () => Math.min(Math.max(lastSignIn / QUIET_SIGN_IN, 1), 6);

/** Somebody at a browser. What their page complains of fails the journey that has them. */
export class Person {
  readonly page: Page;
  readonly faults: string[] = [];
  private readonly context: BrowserContext;
  /** What the page has asked for and has no answer to yet. */
  private readonly asked = new Set<Request>();

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on('request', (request) => {
      // A stream of events has no end.
      if (!request.url().endsWith('/events')) this.asked.add(request);
    });
    page.on('requestfinished', (request) => this.asked.delete(request));
    page.on('requestfailed', (request) => this.asked.delete(request));
    page.on('pageerror', (fault) => this.faults.push(String(fault)));
    page.on('console', (message) => {
      // A refusal of the API is no fault of the page, and the browser writes it down all the same.
      const isAnswer = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isAnswer) this.faults.push(message.text());
    });
  }

  static async at(browser: Browser, { language = 'zh', isPhone = false, isDark = false }: Looks = {}): Promise<Person> {
    const context = await browser.newContext({
      viewport: isPhone ? PHONE : DESKTOP,
      colorScheme: isDark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      baseURL: server,
    });
    await context.addInitScript((wanted) => localStorage.setItem('ganhe.language', wanted), language);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const person = new Person(context, page);
    people.add(person);
    page.on('close', () => people.delete(person));
    return person;
  }

  /** Goes to a page as a link of the portal does, without loading the program again, and waits until it has everything. */
  async goes(path: string): Promise<void> {
    await this.page.evaluate((wanted) => {
      if (location.pathname + location.search === wanted) return;
      history.pushState({}, '', wanted);
      dispatchEvent(new PopStateEvent('popstate'));
    }, path);
    // The page that is left stays until the next one is there, and what is done meanwhile would be done on it.
    await this.page.locator(`main[data-path="${path}"]`).waitFor();
    await this.settles();
  }

  /** Waits until a link or an act has led somewhere: the address is the new one before the page is. */
  async arrives(address: RegExp): Promise<void> {
    const latest = Date.now() + 60_000;
    while (!address.test((await this.page.locator('main').getAttribute('data-path')) ?? '')) {
      if (Date.now() > latest) throw new Error(`${String(address)} was not reached from ${this.page.url()}`);
      await pause(50);
    }
    await this.settles();
  }

  /** Looks on at another width. */
  async turns(isPhone: boolean): Promise<void> {
    await this.page.setViewportSize(isPhone ? PHONE : DESKTOP);
    await this.settles();
  }

  /** Opens a page and waits until it has everything. */
  async opens(path: string): Promise<void> {
    await this.page.goto(path);
    await this.settles();
  }

  /** Waits until nothing is on its way any more. */
  async settles(): Promise<void> {
    await this.page.locator('main h1, main h2').first().waitFor();
    await this.page.locator('[aria-busy="true"], .ant-spin-spinning').first().waitFor({ state: 'hidden' });
    // What has come is shown, and may ask for more.
    do {
      while (this.asked.size > 0) await pause(10);
      await this.stands();
    } while (this.asked.size > 0);
  }

  /** Waits until nothing on the page changes any more, but no longer than a second: what counts down never stands. */
  async stands(): Promise<void> {
    await this.page.evaluate(
      () =>
        new Promise<void>((done) => {
          const [still, longest] = [80, 1_000];
          const end = () => {
            watch.disconnect();
            clearTimeout(quiet);
            clearTimeout(last);
            done();
          };
          let quiet = setTimeout(end, still);
          const last = setTimeout(end, longest);
          const watch = new MutationObserver(() => {
            clearTimeout(quiet);
            quiet = setTimeout(end, still);
          });
          watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        }),
    );
  }

  /** Signs in as one of the logins of the demonstration. */
  async signsIn(login: string): Promise<void> {
    const began = Date.now();
    await this.opens('/sign-in');
    await this.page.locator('input[autocomplete="username"]').fill(login);
    await this.page.locator('input[autocomplete="current-password"]').fill(PASSWORD);
    await this.page.locator('button[type="submit"]').click();
    await this.arrives(/^\/$/);
    lastSignIn = Date.now() - began;
  }

  /** Chooses from a list of Ant Design by a part of what it says. */
  async chooses(label: string, text: string): Promise<void> {
    const field = this.page.getByRole('combobox', { name: label }).first();
    const option = this.page.locator('.ant-select-item-option', { hasText: text }).last();
    const chosen = this.page.locator('.ant-select').filter({ has: field }).getByText(text).first();
    // A list that opens while its dialog still takes the focus closes again, and one that is fetched anew forgets.
    for (let time = 0; time < 3; time += 1) {
      await field.click();
      // A long list shows its beginning, and is searched.
      if (await field.isEditable()) await field.fill(text);
      const isClicked = await option.click({ timeout: 4_000 }).then(
        () => true,
        () => false,
      );
      const isChosen =
        isClicked &&
        (await chosen.waitFor({ timeout: 1_500 }).then(
          () => true,
          () => false,
        ));
      if (isChosen) return;
    }
    await option.click();
  }

  /** Presses a button of the page and, once what the question asks for is filled in, the one of the same name in it. */
  async does(act: string, fill?: (dialog: Locator) => Promise<void>): Promise<void> {
    await this.stands();
    await this.page.locator('main').getByRole('button', { name: act, exact: true }).first().click();
    const dialog = this.page.getByRole('dialog', { name: act, exact: true });
    // A click on what still moves may miss it.
    await dialog.and(this.page.locator(':not([class*="ant-zoom"])')).waitFor();
    await fill?.(dialog);
    // What was said of a field goes away with what is filled in, and the button moves while it is clicked.
    if (fill !== undefined) await this.stands();
    await dialog.getByRole('button', { name: act, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Prints where they are and what they see, after something went wrong. */
  async tells(name: string): Promise<void> {
    const seen = await this.page.locator('body').innerText({ timeout: 5_000 }).catch(String);
    console.error(`--- ${name}: ${this.page.url()}\n${this.faults.join('\n')}\n${seen}\n---`);
    await this.page.screenshot({ path: join(pictures, `${name}.png`) }).catch(() => undefined);
  }

  /** A picture of the whole page. */
  async pictures(name: string): Promise<void> {
    if (LOOKED_AT_ELSEWHERE) return;
    await this.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  /**
   * Whether a screen reader and a keyboard find their way: no finding of axe that is serious or critical. Colours are the same at any
   * width, so that a page that was looked at in one is looked at in the other without them, which takes half the time.
   */
  async isAccessible(name: string, withColours = true): Promise<void> {
    if (LOOKED_AT_ELSEWHERE) return;
    // The policy of the page runs no program that somebody puts into it, so axe comes in from outside of it, once.
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axeCore.source);
    const found = await this.page.evaluate(async (colours) => {
      const { axe } = globalThis as unknown as { axe: typeof axeCore };
      const { violations } = await axe.run(document, {
        resultTypes: ['violations'],
        // Neither are there frames, nor does a rule that counts read style sheets.
        iframes: false,
        preload: false,
        rules: { 'color-contrast': { enabled: colours } },
      });
      return violations
        .filter((one) => one.impact === 'serious' || one.impact === 'critical')
        .map(
          (one) =>
            `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ')}`,
        );
    }, withColours);
    expect(found, name).toEqual([]);
  }

  /** Nothing went wrong in the page, and it leaves. */
  async leaves(): Promise<void> {
    expect(this.faults).toEqual([]);
    await this.context.close();
  }
}

/** The API itself, for what a journey finds there when it begins. */
export class Desk {
  private readonly token: string;

  private constructor(token: string) {
    this.token = token;
  }

  static async of(login: string): Promise<Desk> {
    const answer = await fetch(`${server}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ login, password: PASSWORD }),
    });
    return new Desk(((await answer.json()) as { access_token: string }).access_token);
  }

  private async ask<T>(path: string, more: RequestInit = {}): Promise<T> {
    const answer = await fetch(`${server}/api/v1${path}`, {
      ...more,
      headers: {
        Authorization: `Bearer ${this.token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': crypto.randomUUID(),
        ...(more.headers as Record<string, string> | undefined),
      },
    });
    const body: unknown = await answer.json();
    expect(answer.ok, `${path}: ${JSON.stringify(body)}`).toBe(true);
    return body as T;
  }

  finds = <T>(path: string): Promise<T> => this.ask<T>(path);
  does = <T>(path: string, body: object): Promise<T> =>
    this.ask<T>(path, { method: 'POST', body: JSON.stringify(body) });

  /** Uploads a table of comma-separated values. Gives the id of the document. */
  async uploads(name: string, content: string): Promise<string> {
    const headers = {
      'Content-Type': 'text/csv',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    };
    return (await this.ask<{ id: string }>('/documents', { method: 'POST', headers, body: content })).id;
  }
}

/** The province changes one rule from today on: one person proposes, another one adopts. */
export async function rules(rule: { name: string; value: string | null; legal_basis: string }): Promise<void> {
  const [officer, head] = await Promise.all([Desk.of('province.officer'), Desk.of('province.head')]);
  const task = await officer.does<{ id: string }>('/rulebooks', { effective_from: '2022-12-01', rules: [rule] });
  await head.does(`/tasks/${task.id}/decide`, { outcome: 'approved', documents: [] });
}

/** A grant of 通城县 to 力威电工 that is laid open to objections for five working days. Gives its id and the number of its document. */
export async function laidOpen(): Promise<{ id: string; document: string }> {
  const officer = await Desk.of('tongcheng.officer');
  const site = (await officer.finds<{ items: { id: string }[] }>('/sites?number=SA0000002J')).items[0]?.id;
  const document = `通环核示${Date.now()}`;
  await rules({ name: 'allocation_publicity_days', value: '5', legal_basis: '示范' });
  const { id } = await officer.does<{ id: string }>('/allocations', {
    ...{ site, pollutant: 'COD', origin: 'paid', zone: 'LUSHUI', document },
    ...{ valid_from: '2022-12-01', valid_to: '2027-11-30', quantity: '0.100' },
  });
  // What is laid open stays so.
  await rules({ name: 'allocation_publicity_days', value: null, legal_basis: '示范' });
  return { id, document };
}

/**
 * The administrator of an organisation by its code, who has no password in a demonstration (but for that of 力威电工): the operator makes a
 * code, by which they set their first. Gives the login.
 */
export async function administrator(code: string): Promise<string> {
  return firstPassword(`${code}.organisation_admin`);
}

/** Gives somebody their first password. */
export async function firstPassword(login: string): Promise<string> {
  const operator = await Desk.of('operator');
  let cursor = '';
  let user: string | undefined;
  while (user === undefined) {
    const page = await operator.finds<{ items: { id: string; login: string }[]; next_cursor?: string }>(
      `/users?limit=200${cursor}`,
    );
    user = page.items.find((one) => one.login === login)?.id;
    expect(user ?? page.next_cursor, `nobody is called ${login}`).toBeTruthy();
    cursor = `&cursor=${page.next_cursor ?? ''}`;
  }
  const { code } = await operator.does<{ code: string }>(`/users/${user}/password-reset`, {});
  await operator.does('/auth/password-reset', { login, code, password: PASSWORD });
  return login;
}
