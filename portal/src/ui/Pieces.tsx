import { type ReactNode, type RefObject, startTransition, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Column } from './Rows';

/** From how many rows on a table is shown piece by piece: what an ordinary page has is all there, and tells how wide its columns are. */
export const MANY_ROWS = 200;
/** Rows of a piece: few enough that one comes on the screen within a frame or two of a slow machine. */
const PIECE = 25;
/** How far from the screen a piece is made ready: about two screens. */
const AHEAD = '1600px 0px';
/** A row of two lines, until one was measured. */
const USUAL_HEIGHT = 58;

/** One row of a table. */
export function Line<T>({ columns, row, place }: { columns: readonly Column<T>[]; row: T; place?: number }) {
  return (
    <tr {...(place !== undefined && { 'aria-rowindex': place })}>
      {columns.map((column) => (
        <td key={column.key} className={column.isFigure ? 'right' : ''}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

interface PieceProps {
  /** Which row is its first. */
  start: number;
  count: number;
  /** Columns of the table. */
  width: number;
  children: () => ReactNode;
}

/** A piece of a table: its rows while it is near the screen, and the room that they take while it is not. */
function Piece({ start, count, width, children }: PieceProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [away, setAway] = useState(start < MANY_ROWS ? undefined : count * USUAL_HEIGHT);
  useEffect(() => {
    const element = body.current;
    if (element === null) return;
    const observer = new IntersectionObserver(
      (seen) => {
        const isNear = seen.at(-1)?.isIntersecting ?? false;
        const taken = element.offsetHeight;
        startTransition(() => setAway(isNear ? undefined : taken));
      },
      { rootMargin: AHEAD },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <tbody ref={body}>
      {away === undefined ? (
        children()
      ) : (
        <tr aria-hidden="true">
          <td colSpan={width} className="away" style={{ height: away }} />
        </tr>
      )}
    </tbody>
  );
}

interface PiecesProps<T> {
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
}

/** Many rows, of which those near the screen are there: a book is scrolled through however long it is. */
export function Pieces<T>({ columns, rows, rowKey }: PiecesProps<T>) {
  const starts = Array.from({ length: Math.ceil(rows.length / PIECE) }, (_, piece) => piece * PIECE);
  return starts.map((start) => {
    const own = rows.slice(start, start + PIECE);
    return (
      <Piece key={start} start={start} count={own.length} width={columns.length}>
        {() => own.map((row, at) => <Line key={rowKey(row)} columns={columns} row={row} place={start + at + 2} />)}
      </Piece>
    );
  });
}

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
