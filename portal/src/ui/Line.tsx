import type { Column } from './Rows';

/** One row of a table. */
export function Line<T>({ columns, row }: { columns: readonly Column<T>[]; row: T }) {
  return (
    <tr>
      <Cells columns={columns} row={row} />
    </tr>
  );
}

/** The cells of a row. */
export function Cells<T>({ columns, row }: { columns: readonly Column<T>[]; row: T }) {
  return columns.map((column) => (
    <td key={column.key} className={column.isFigure ? 'right' : ''}>
      {column.cell(row)}
    </td>
  ));
}
