import type { Schemas } from '../api/client';
import { given } from '../ui/given';

/** What may be said of a thing that is pledged. */
export type ThingField = 'quantity' | 'add_quantity' | 'secured' | 'assessed_value';

/** What was filled in, thing by thing. */
export type Filled = Partial<Record<ThingField, string>>[];

/** The things of a pledge of which something was filled in. */
export const touched = (pledge: Schemas['Pledge'], liens: Filled | undefined) =>
  pledge.liens
    .map((one, place) => ({ lien: one.id, ...given(liens?.[place] ?? {}) }))
    .filter((one) => Object.keys(one).length > 1);
