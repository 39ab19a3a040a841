import { useQueries } from '@tanstack/react-query';
import { api, call, keyed, type Schemas } from '../api/client';
import type { Violation } from '../api/problem';
import { given } from '../ui/given';

/** A right as it is filled in: a stock is named by its site and class. */
interface WantedRight {
  stock: string;
  quantity: string;
  secured?: string;
  assessed_value?: string;
  junior?: boolean;
}

type Body = Schemas['ApplyForPledge'];

/** What is filled in of an application, through all of its steps. */
export interface Application extends Omit<Body, 'rights' | 'pledgor' | 'further_pledgors' | 'maximum_amount'> {
  rights: WantedRight[];
  /** Consents of others who give rights of their own for the same loan. */
  further?: string[];
  maximum_amount?: { from?: string; to?: string };
}

/** The steps in their order, with the fields that each asks for. */
export const steps = {
  parties: ['further', 'pledgees'],
  rights: ['rights'],
  terms: [
    'loan_contract',
    'pledge_contract',
    'principal',
    'secured',
    'assessed_value',
    'valuation_method',
    'valued_on',
    'debt_from',
    'debt_to',
    'facility',
    'maximum_amount',
    'claim_scope',
    'restricts_transfer',
  ],
  check: [],
} as const satisfies Record<string, readonly (keyof Application)[]>;
export type Step = keyof typeof steps;
export const order = Object.keys(steps) as Step[];

/** The command that an application is. */
export function bodyOf(filled: Application, consents: readonly Schemas['Consent'][]): Body {
  const { rights, further = [], maximum_amount, pledgees = [], ...terms } = filled;
  const [first, ...others] = consents;
  return {
    ...(given(terms) as Omit<Body, 'rights' | 'pledgor'>),
    pledgor: first?.organisation ?? '',
    further_pledgors: others.filter((one) => further.includes(one.id)).map((one) => one.organisation),
    pledgees,
    ...(maximum_amount?.from &&
      maximum_amount.to && { maximum_amount: { from: maximum_amount.from, to: maximum_amount.to } }),
    rights: rights.map(({ stock, ...right }) => {
      const [site = '', right_class = ''] = stock.split(' ');
      return { ...(given(right) as { quantity: string }), site, right_class };
    }),
  };
}

/** A broken rule about a site or class is about the stock that names both. */
export const aboutStock = (violation: Violation): Violation => ({
  ...violation,
  field: violation.field.replace(/^(rights\[\d+\])\.(site|right_class)$/, '$1.stock'),
});

/** The first step that something is wrong with; the last one, which shows everything, where no field is named. */
export function stepOf(violations: readonly Violation[]): Step {
  const roots = violations.map((one) => one.field.split(/[.[]/)[0]);
  return order.find((step) => steps[step].some((field) => roots.includes(field))) ?? 'check';
}

/** What each of some consents lets the bank see. Every look is logged, and the enterprise sees it; none is taken twice. */
export function useLooks(consents: readonly string[]) {
  return useQueries({
    queries: consents.map((consent) => ({
      queryKey: ['look', consent],
      queryFn: () =>
        call(
          api.POST('/api/v1/consents/{id}/look', {
            params: { path: { id: consent } },
            ...keyed(crypto.randomUUID()),
            body: {},
          }),
        ),
      staleTime: Infinity,
    })),
  });
}
