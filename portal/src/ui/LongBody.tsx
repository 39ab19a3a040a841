import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { Cells } from './Line';
import type { Column } from './Rows';

/** A row of two lines, until one was measured. */
const USUAL_HEIGHT = 58;
/** Rows beyond both edges of the screen that are ready: about a screen. */
const AHEAD = 15;

interface LongBodyProps<T> {
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
}

/** The room that rows take which are not near the screen. */
function Away({ height, width }: { height: number; width: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={width} className="away" style={{ height }} />
    </tr>
  );
}

/** Many rows, of which those near the screen are there: a book is scrolled through however long it is. */
export default function LongBody<T>({ columns, rows, rowKey }: LongBodyProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [above, setAbove] = useState(0);
  // Where the body begins on the page; what stands above it may change with every row that comes.
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top ?? 0;
    setAbove(Math.round(top + window.scrollY));
  }, [rows.length]);
  const seen = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => USUAL_HEIGHT,
    overscan: AHEAD,
    scrollMargin: above,
  });
  const lines = seen.getVirtualItems();
  const [first, last] = [lines[0], lines.at(-1)];
  return (
    <tbody ref={body}>
      <Away height={(first?.start ?? above) - above} width={columns.length} />
      {lines.map(({ index }) => {
        const row = rows[index];
        return (
          row !== undefined && (
            // The heads are the first row.
            <tr key={rowKey(row)} ref={seen.measureElement} data-index={index} aria-rowindex={index + 2}>
              <Cells columns={columns} row={row} />
            </tr>
          )
        );
      })}
      <Away height={seen.getTotalSize() - ((last?.end ?? above) - above)} width={columns.length} />
    </tbody>
  );
}
