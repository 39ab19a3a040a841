import { useSearchParams } from 'react-router';
import { fieldOf } from '../figures/instant';

/** The moment of the past that an auditor looks at, which stands in the address and goes along to what is opened from there. */
export function useAsOf() {
  const [parameters, setParameters] = useSearchParams();
  const asOf = parameters.get('as_of') ?? undefined;
  const choose = (moment: string | undefined) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (moment === undefined) after.delete('as_of');
        else after.set('as_of', moment);
        return after;
      },
      { replace: true },
    );
  return { asOf, choose };
}

/** An address with parameters and the moment that is looked at. */
export function withAsOf(path: string, asOf: string | undefined, parameters: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...parameters, ...(asOf !== undefined && { as_of: asOf }) }).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** An instant as a part of the name of a file. */
export const inName = (instant: string): string => fieldOf(instant).replaceAll(':', '');
