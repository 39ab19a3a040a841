import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, Desk, launch, Person } from './support';

/** How much slower than this machine the browser reckons: an ordinary telephone. */
const SLOWDOWN = 4;
/** How often each page is opened; the middle counts. */
const TIMES = 3;
/** What is asked: the largest part of a page stands after so many milliseconds. */
const LARGEST_PAINT = 2_500;
/** What is asked of the first load of a page, compressed. */
const FIRST_LOAD = 350_000;
/** Rows of the table that is scrolled through. */
const ROWS = 10_000;
/** What is asked of scrolling on this machine as it is: of a hundred frames, 95 come within two of the screen. Slowed down, it is told. */
const FRAME = 34;

/** Pages that are opened without anything in the store of the browser. */
const pages = [
  '/sign-in',
  '/public/trades',
  '/public/announcements',
  '/public/auctions',
  '/public/statistics',
  '/public/capacities',
  '/public/certificates',
];

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser.close());

const tell = (line: string) => {
  console.log(line);
  if (process.env['MEASURED'] !== undefined) appendFileSync(process.env['MEASURED'], `${line}\n`);
};

const middle = (values: number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;
const share = (values: number[], part: number): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length * part)] ?? NaN;

async function slowed(person: Person, rate = SLOWDOWN): Promise<void> {
  const session = await person.page.context().newCDPSession(person.page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
}

interface Opened {
  /** When its largest part stood, in milliseconds. */
  paint: number;
  /** Bytes, compressed: of the program until then, of the program after that, and of what it asked the API for. */
  program: number;
  later: number;
  data: number;
}

/** Opens a page in a fresh browser. */
async function opened(path: string): Promise<Opened> {
  const person = await Person.at(browser);
  await slowed(person);
  await person.page.addInitScript(() => {
    new PerformanceObserver((list) => {
      (globalThis as unknown as { largest: number }).largest = list.getEntries().at(-1)?.startTime ?? 0;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
  await person.opens(path);
  await person.page.waitForTimeout(1_000);
  const found = await person.page.evaluate(() => {
    const paint = (globalThis as unknown as { largest: number }).largest;
    const size = { program: 0, later: 0, data: 0 };
    const kinds = ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind));
    for (const { name, startTime, encodedBodySize } of kinds as PerformanceResourceTiming[]) {
      size[name.includes('/api/') ? 'data' : startTime < paint ? 'program' : 'later'] += encodedBodySize;
    }
    return { paint, ...size };
  });
  await person.leaves();
  return found;
}

describe('opening a page', () => {
  it.each(pages)('%s', async (path) => {
    const found: Opened[] = [];
    for (let time = 0; time < TIMES; time += 1) found.push(await opened(path));
    const paints = found.map((one) => one.paint);
    const most = (size: (one: Opened) => number) => Math.max(...found.map(size));
    const program = most((one) => one.program);
    const sizes = [program, most((one) => one.later), most((one) => one.data)].map((size) => Math.round(size / 1000));
    tell(
      `| \`${path}\` | ${Math.round(middle(paints))} ms | ${Math.round(Math.max(...paints))} ms | ${sizes.map((size) => `${size} kB`).join(' | ')} |`,
    );
    expect(middle(paints), 'largest contentful paint').toBeLessThan(LARGEST_PAINT);
    expect(program, 'first load').toBeLessThan(FIRST_LOAD);
  });
});

/** Deposits until the book has as many journals as the table shall have rows. */
async function filled(): Promise<void> {
  const bank = await Desk.of('settlement.officer');
  const { items } = await bank.finds<{ items: { id: string }[] }>('/organisations?code=91421222MA0000001F');
  let next = 0;
  const deposits = async () => {
    while (next < ROWS) {
      next += 1;
      await bank.does('/money/deposits', {
        organisation: items[0]?.id,
        amount: '0.01',
        bank_reference: `BENCH-${next}-${Date.now()}`,
      });
    }
  };
  await Promise.all(Array.from({ length: 32 }, deposits));
}

/** From the top on, six thousand pixels a second as a wheel does that is turned fast, with every frame's time written down. */
const scrolled = (page: Person['page']) =>
  page.evaluate(async () => {
    const times: number[] = [];
    let before = performance.now();
    window.scrollTo(0, 0);
    const step = 100;
    await new Promise<void>((done) => {
      const frame = (now: number) => {
        times.push(now - before);
        before = now;
        const left = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
        if (left <= 1 || times.length > 1_500) {
          done();
          return;
        }
        window.scrollBy(0, step);
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    return { times: times.slice(2), inDocument: document.querySelectorAll('tbody tr').length, at: window.scrollY };
  });

it(`a table of ${ROWS} rows is scrolled through`, async () => {
  await filled();
  const auditor = await Person.at(browser);
  await auditor.signsIn('auditor');
  await auditor.goes('/audit/journals');
  const { page } = auditor;
  const more = page.getByRole('button', { name: '加载更多' });
  // A table of few rows is in the document as it is; one of many says how many it has, with its head.
  const rows = async () => {
    const told = await page.locator('table').getAttribute('aria-rowcount');
    return told === null ? page.locator('tbody tr').count() : Number(told) - 1;
  };
  await more.waitFor();
  let shown = await rows();
  while (shown < ROWS) {
    await more.evaluate((button: HTMLElement) => button.click());
    await expect.poll(rows, { interval: 5, timeout: 20_000 }).toBeGreaterThan(shown);
    shown = await rows();
  }
  for (const slowdown of [1, SLOWDOWN]) {
    await slowed(auditor, slowdown);
    const frames = await scrolled(page);
    const long = frames.times.filter((time) => time > 50).length;
    tell(
      `${shown} rows, ${frames.inDocument} of them in the document, slowed down ${slowdown} times; ${frames.times.length} frames over ${Math.round(frames.at)} px: half within ${share(frames.times, 0.5).toFixed(1)} ms, 95 of 100 within ${share(frames.times, 0.95).toFixed(1)} ms, 99 of 100 within ${share(frames.times, 0.99).toFixed(1)} ms, the longest ${Math.max(...frames.times).toFixed(1)} ms, ${long} longer than 50 ms`,
    );
    if (slowdown === 1) expect(share(frames.times, 0.95)).toBeLessThan(FRAME);
  }
  await auditor.leaves();
});
