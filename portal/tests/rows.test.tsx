import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import LongBody from '../src/ui/LongBody';

const ROW = 58;

const scrolledTo = (top: number) =>
  act(() => {
    window.scrollY = top;
    window.dispatchEvent(new Event('scroll'));
  });

it('of a table of ten thousand rows the document has those near the screen, and each knows its place', () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const rows = Array.from({ length: 10_000 }, (_, number) => ({ number }));
  // Nothing is laid out here.
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { value: ROW });
  const table = document.body.appendChild(document.createElement('table'));
  act(() => {
    createRoot(table).render(
      <LongBody
        columns={[{ key: 'number', title: '', cell: (one) => one.number }]}
        rows={rows}
        rowKey={(one) => String(one.number)}
      />,
    );
  });
  const shown = () =>
    [...table.querySelectorAll('tr[aria-rowindex]')].map((row) => [row.getAttribute('aria-rowindex'), row.textContent]);
  const room = () =>
    [...table.querySelectorAll<HTMLElement>('td.away')].reduce(
      (sum, away) => sum + Number(away.style.height.replace('px', '')),
      0,
    );
  // The heads are the first row.
  expect(shown()[0]).toEqual(['2', '0']);
  expect(shown().length).toBeLessThan(100);
  expect(room() + shown().length * ROW).toBe(10_000 * ROW);
  scrolledTo(5_000 * ROW);
  expect(shown()).toContainEqual(['5002', '5000']);
  expect(shown()).not.toContainEqual(['2', '0']);
  expect(shown().length).toBeLessThan(100);
  expect(room() + shown().length * ROW).toBe(10_000 * ROW);
});
