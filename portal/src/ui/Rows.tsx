import { Button, Skeleton } from 'antd';
import { lazy, type ReactNode, Suspense, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Line } from './Line';
import { Refusal } from './Refusal';
import { useSteadyColumns } from './steadyColumns';
import { useIsNarrow } from './useIsNarrow';

/** A column of a table, which on a telephone is a line of a card. */
export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** Figures stand at the right, so that their places meet. */
  isFigure?: boolean;
  width?: number;
}

interface RowsProps<T> {
  /** What the table is of, for whoever does not see it. */
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  isLoading?: boolean;
  error?: unknown;
  retry?: () => void;
  /** What stands there when there is nothing. */
  empty: ReactNode;
  more?: (() => void) | undefined;
  isLoadingMore?: boolean;
}

function Cards<T>({ label, columns, rows, rowKey }: Pick<RowsProps<T>, 'label' | 'columns' | 'rows' | 'rowKey'>) {
  const [first, ...rest] = columns;
  return (
    <ul className="cards" aria-label={label}>
      {rows.map((row) => (
        <li key={rowKey(row)}>
          <div className="first">{first?.cell(row)}</div>
          <dl>
            {rest.map((column) => (
              <div key={column.key}>
                <dt>{column.title}</dt>
                <dd>{column.cell(row)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** From how many rows on only those near the screen are there: what an ordinary page has is all there, and tells how wide its columns are. */
const MANY_ROWS = 200;

// Few tables grow so long.
const LongBody = lazy(() => import('./LongBody')) as unknown as <T>(
  props: Pick<RowsProps<T>, 'columns' | 'rows' | 'rowKey'>,
) => ReactNode;

type Sheeted<T> = Pick<RowsProps<T>, 'label' | 'columns' | 'rows' | 'rowKey'>;

function Heads<T>({ columns }: Pick<RowsProps<T>, 'columns'>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th
            key={column.key}
            scope="col"
            className={column.isFigure ? 'right' : ''}
            {...(column.width !== undefined && { style: { width: column.width } })}
          >
            {column.title}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Body<T>({ columns, rows, rowKey }: Omit<Sheeted<T>, 'label'>) {
  return (
    <tbody>
      {rows.map((row) => (
        <Line key={rowKey(row)} columns={columns} row={row} />
      ))}
    </tbody>
  );
}

/** A table by itself: that of Ant Design sorts, filters and folds what the API pages, and weighs as much as the rest of a page. */
function Sheet<T>({ label, columns, rows, rowKey }: Sheeted<T>) {
  const table = useRef<HTMLTableElement>(null);
  const isLong = rows.length > MANY_ROWS;
  useSteadyColumns(table, isLong, label);
  return (
    <div className="sheet" tabIndex={0} role="region" aria-label={label}>
      <table ref={table} aria-label={label} {...(isLong && { 'aria-rowcount': rows.length + 1 })}>
        <Heads columns={columns} />
        {isLong ? (
          <Suspense fallback={<Body columns={columns} rows={rows.slice(0, MANY_ROWS)} rowKey={rowKey} />}>
            <LongBody columns={columns} rows={rows} rowKey={rowKey} />
          </Suspense>
        ) : (
          <Body columns={columns} rows={rows} rowKey={rowKey} />
        )}
      </table>
    </div>
  );
}

/** Rows of the API: a table, or cards where there is no room for one; with its loading, empty and failed states. */
export function Rows<T extends object>(props: RowsProps<T>) {
  const { t } = useTranslation();
  const isNarrow = useIsNarrow();
  const { label, columns, rows, rowKey, isLoading, error, retry, empty, more, isLoadingMore } = props;
  // Rows that were there stay, with what is being filled in at one of them: the frame tells that they are of before.
  if (error && rows.length === 0) {
    return (
      <div className="inside">
        <Refusal error={error} {...(retry && { retry })} />
      </div>
    );
  }
  if (isLoading) {
    return (
      <div className="inside" aria-busy="true">
        <Skeleton active paragraph={{ rows: 5 }} title={false} />
      </div>
    );
  }
  if (rows.length === 0) return empty;
  return (
    <>
      {isNarrow ? (
        <Cards label={label} columns={columns} rows={rows} rowKey={rowKey} />
      ) : (
        <Sheet label={label} columns={columns} rows={rows} rowKey={rowKey} />
      )}
      {more && (
        <div className="more">
          <Button onClick={more} loading={isLoadingMore ?? false}>
            {t('act.more')}
          </Button>
        </div>
      )}
    </>
  );
}
