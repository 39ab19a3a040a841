import { type RefObject, useLayoutEffect } from 'react';

/** Keeps the columns of a table as wide as they are; gives back what lets them move again. */
function steady(table: HTMLTableElement): () => void {
  const heads = [...table.querySelectorAll('th')];
  const widths = heads.map((head) => head.offsetWidth);
  heads.forEach((head, at) => head.style.setProperty('width', `${widths[at]}px`));
  table.classList.add('steady');
  return () => {
    table.classList.remove('steady');
    for (const head of heads) head.style.removeProperty('width');
  };
}

/** Keeps the columns as wide as they are when a table grows long: else they would move with what is on the screen. */
export function useSteadyColumns(table: RefObject<HTMLTableElement | null>, isLong: boolean, label: string): void {
  useLayoutEffect(() => (isLong && table.current !== null ? steady(table.current) : undefined), [table, isLong, label]);
}
