import type { ReactNode } from 'react';
import type { useList } from '../api/list';
import { Nothing } from './Nothing';
import { Panel } from './Panel';
import { type Column, Rows } from './Rows';

interface ListPanelProps<T> {
  title: string;
  list: ReturnType<typeof useList<T>>;
  columns: Column<T>[];
  /** What chooses from it, beside its title. */
  actions?: ReactNode;
  /** What stands there when nothing is in it. */
  none: string;
  noneLead?: string;
  /** Whether that is said in passing, as of a part of a page that is often empty. */
  brief?: boolean;
}

/** A list of the API in a panel of its own, page after page. */
export function ListPanel<T extends { id: string }>(props: ListPanelProps<T>) {
  const { title, list, columns, actions, none, noneLead, brief = false } = props;
  const { items, ...state } = list;
  return (
    <Panel flush title={title} {...(actions !== undefined && { actions })}>
      <Rows
        label={title}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...state}
        empty={
          <Nothing brief={brief} title={none}>
            {noneLead !== undefined && <p>{noneLead}</p>}
          </Nothing>
        }
      />
    </Panel>
  );
}
