import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';
import { Pieces } from '../src/ui/Pieces';

it('of a table of ten thousand rows the document has those near the screen, and each knows its place', () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const rows = Array.from({ length: 10_000 }, (_, number) => ({ number }));
  const table = document.body.appendChild(document.createElement('table'));
  act(() => {
    createRoot(table).render(
      <Pieces
        columns={[{ key: 'number', title: '', cell: (one) => one.number }]}
        rows={rows}
        rowKey={(one) => String(one.number)}
      />,
    );
  });
  expect(table.querySelectorAll('tbody')).toHaveLength(400);
  const shown = [...table.querySelectorAll('tr[aria-rowindex]')];
  expect(shown).toHaveLength(200);
  // The heads are the first row.
  expect(shown.map((row) => [row.getAttribute('aria-rowindex'), row.textContent]).at(-1)).toEqual(['201', '199']);
});
