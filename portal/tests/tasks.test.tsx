import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router';
import { beforeAll, expect, it } from 'vitest';
import type { Schemas } from '../src/api/client';
import { begin } from '../src/i18n/language';
import { TaskFacts } from '../src/tasks/TaskFacts';
import { TaskName } from '../src/tasks/TaskList';

beforeAll(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  await begin();
});

const id = (number: number) => `018569d8-2c80-7c3a-9b5e-${String(number).padStart(12, '0')}`;
const [MILL, WORKS, MILL_SITE, WORKS_SITE, PROJECT, NOTHING] = [1, 2, 3, 4, 5, 6].map(id);

/** An offer of a mill to a works, which somebody else of the mill approves. */
const offered = {
  act: 'offer',
  subject_kind: 'task',
  subject: '00000000-0000-0000-0000-000000000000',
  state: 'open',
  second_person: true,
  escalated_at: null,
  proposed: {
    hash: '',
    body: {
      seller_site: MILL_SITE,
      buyer_site: WORKS_SITE,
      right_class: 'COD-MULTI-PAID-LUSHUI-20210101-20251231',
      quantity: '2.000',
      unit_price: '8790.00',
      price_basis: 'per_unit_whole_validity',
      project: PROJECT,
      of_another_time: NOTHING,
    },
  },
} as unknown as Schemas['Task'];

/** What is read on the screen once names are known. */
function read(task: Schemas['Task']): string {
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  cache.setQueryData(
    ['organisations'],
    [
      { id: MILL, name: '力威电工' },
      { id: WORKS, name: '亚细亚陶瓷' },
    ],
  );
  cache.setQueryData(
    ['sites'],
    [
      { id: MILL_SITE, organisation: MILL, name: '一厂', number: 'S1' },
      { id: WORKS_SITE, organisation: WORKS, name: '二厂', number: 'S2' },
    ],
  );
  cache.setQueryData(['areas'], { items: [] });
  cache.setQueryData(['basins'], { items: [{ code: 'LUSHUI', name: '陆水' }] });
  cache.setQueryData(['projects', WORKS_SITE], [{ id: PROJECT, number: 'P2022-001', document: '环评1号' }]);
  const place = document.body.appendChild(document.createElement('div'));
  act(() => {
    createRoot(place).render(
      <QueryClientProvider client={cache}>
        <MemoryRouter>
          <TaskName task={task} />
          <hr />
          <TaskFacts task={task} />
        </MemoryRouter>
      </QueryClientProvider>,
    );
  });
  return place.textContent;
}

it('a task tells between whom, which right, how much and for how much, by names', () => {
  const facts = read(offered);
  const [line] = facts.split('转让方');
  for (const part of ['发出要约', '力威电工 → 亚细亚陶瓷', '化学需氧量 COD', '陆水', '2.000', '8,790.00'])
    expect(line).toContain(part);
  for (const part of ['亚细亚陶瓷 · 二厂', 'P2022-001 · 环评1号', '按整个有效期']) expect(facts).toContain(part);
  for (const hidden of [MILL_SITE, WORKS_SITE, PROJECT]) expect(facts).not.toContain(hidden);
  // Whoever decides sees all that was proposed, also what has no name here.
  expect(facts).toContain(`of_another_time${NOTHING ?? ''}`);
});

it('a task that has gone to the head says so', () => {
  expect(read(offered)).not.toContain('已移交负责人');
  expect(read({ ...offered, escalated_at: '2022-12-01T09:00:00+08:00' })).toContain('已移交负责人');
});

it('a rulebook that is proposed tells its rules by their names', () => {
  const body = {
    effective_from: '2023-01-01',
    rules: [
      { name: 'deposit_rate', value: '0.20' },
      { name: 'bid_step', value: null },
    ],
  };
  const told = read({ ...offered, act: 'rulebook', proposed: { hash: '', body } } as unknown as Schemas['Task']);
  for (const part of ['2023-01-01', '保证金比例 0.20', '加价幅度 —']) expect(told).toContain(part);
});
