import createClient from 'openapi-fetch';
import { language } from '../i18n/language';
import { authorised } from '../session/authorised';
import type { components, paths } from './contract';
import { ApiProblem, isProblem, Unreachable } from './problem';

export type Schemas = components['schemas'];

/** The contract as functions. What is refused is thrown by {@link call}. */
export const api = createClient<paths>({
  // Requests are made in the tests, too, where an address needs its beginning.
  baseUrl: globalThis.location.origin,
  fetch: (request) => {
    request.headers.set('Accept-Language', language());
    return authorised(request);
  },
});

/** The answer of a call, or what was refused as an exception. */
export async function call<T>(pending: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await pending.catch((fault: unknown) => {
    throw new Unreachable(String(fault));
  });
  if (response.ok) return data as T;
  throw isProblem(error) ? new ApiProblem(error) : new Unreachable(`${response.status}`);
}

/** The header that makes a repeat of a command harmless. */
export const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } });
