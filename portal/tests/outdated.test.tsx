import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { beforeAll, expect, it } from 'vitest';
import { useList } from '../src/api/list';
import { begin } from '../src/i18n/language';
import { Outdated } from '../src/shell/Outdated';
import { Rows } from '../src/ui/Rows';

beforeAll(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  await begin();
});

/** A form of a row, which knows how often it was pressed. */
function Form() {
  const [count, setCount] = useState(0);
  return <button onClick={() => setCount(count + 1)}>{count}</button>;
}

let isReachable = true;
const answer = () => (isReachable ? Promise.resolve({ items: [{ id: 'one' }] }) : Promise.reject(new Error('away')));

function List() {
  const { items, ...state } = useList(['list'], answer);
  return (
    <Rows
      label="list"
      columns={[{ key: 'form', title: '', cell: () => <Form /> }]}
      rows={items}
      rowKey={(one) => one.id}
      {...state}
      empty="nothing"
    />
  );
}

it('what is filled in at a row outlives a server that cannot be reached meanwhile, and the frame tells that rows are of before', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const place = document.body.appendChild(document.createElement('div'));
  const settled = () => act(() => new Promise<void>((done) => setTimeout(done, 20)));
  act(() =>
    createRoot(place).render(
      <QueryClientProvider client={client}>
        <Outdated />
        <List />
      </QueryClientProvider>,
    ),
  );
  await settled();
  const form = () => place.querySelector<HTMLElement>('[aria-label="list"] button');
  const told = () => place.querySelector('[role="status"]');
  act(() => form()?.click());
  expect([form()?.textContent, told()]).toEqual(['1', null]);

  isReachable = false;
  await act(() => client.refetchQueries());
  await settled();
  expect(form()?.textContent).toBe('1');
  expect(told()?.textContent).toContain('所示可能不是最新');

  isReachable = true;
  act(() => told()?.querySelector('button')?.click());
  await settled();
  expect([form()?.textContent, told()]).toEqual(['1', null]);
});
