import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '../api/client';

type Task = Schemas['Task'];

/** What is known of something, field by field, as the contract has it. */
export type Thing = Readonly<Record<string, unknown>>;

const at = (id: string) => ({ params: { path: { id } } });

/** How each kind of thing is looked at. Of the others a task tells what was proposed. */
const looks: Record<string, (id: string) => Promise<Thing>> = {
  allocation: (id) => call(api.GET('/api/v1/allocations/{id}', at(id))),
  allocation_application: (id) => call(api.GET('/api/v1/allocation-applications/{id}', at(id))),
  allocation_batch: (id) => call(api.GET('/api/v1/allocation-batches/{id}', at(id))),
  area_suspension: (id) => call(api.GET('/api/v1/area-suspensions/{id}', at(id))),
  capacity_change: (id) => call(api.GET('/api/v1/capacity-changes/{id}', at(id))),
  compliance_year: (id) => call(api.GET('/api/v1/compliance-years/{id}', at(id))),
  facility: (id) => call(api.GET('/api/v1/facilities/{id}', at(id))),
  listing: (id) => call(api.GET('/api/v1/listings/{id}', at(id))),
  organisation: async (id) => {
    const { name, code, kind, area, sector } = await call(api.GET('/api/v1/organisations/{id}', at(id)));
    return { organisation_name: name, credit_code: code, organisation_kind: kind, area, sector };
  },
  objection: (id) => call(api.GET('/api/v1/objections/{id}', at(id))),
  offer: (id) => call(api.GET('/api/v1/offers/{id}', at(id))),
  payment: (id) => call(api.GET('/api/v1/money/payments/{id}', at(id))),
  pledge: (id) => call(api.GET('/api/v1/pledges/{id}', at(id))),
  reduction_application: (id) => call(api.GET('/api/v1/reduction-applications/{id}', at(id))),
  tenure: (id) => call(api.GET('/api/v1/right-acts/{id}', at(id))),
  trade: (id) => call(api.GET('/api/v1/trades/{id}', at(id))),
  trade_override: (id) => call(api.GET('/api/v1/trade-overrides/{id}', at(id))),
};

/**
 * What a task is about: the thing as it stands, and over it what was proposed. Whoever may not look at the thing is told what was
 * proposed alone.
 */
export function useSubject(task: Task): Thing {
  const look = looks[task.subject_kind];
  const { data } = useQuery({
    queryKey: ['subject', task.subject_kind, task.subject],
    queryFn: () => look?.(task.subject) ?? Promise.resolve({}),
    enabled: look !== undefined,
    retry: false,
  });
  const named = task.subject_kind === 'organisation' ? { organisation: task.subject } : {};
  return { ...data, ...named, ...task.proposed?.body };
}
