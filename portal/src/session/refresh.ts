import type { Schemas } from '../api/client';
import { session } from './session';

/** Says that the refresh token is in the cookie; a page of another site cannot say it. */
export const BY_COOKIE = { 'Ganhe-Refresh': 'cookie' };

/** How long before its end a token is not worth sending any more. */
const MARGIN_MILLISECONDS = 20_000;

async function ask(): Promise<boolean> {
  const answer = await fetch('/api/v1/auth/refresh', {
    method: 'POST',
    headers: { ...BY_COOKIE, 'Content-Type': 'application/json' },
    body: '{}',
  });
  if (answer.ok) {
    session.set((await answer.json()) as Schemas['Session']);
    return true;
  }
  // The server has trouble of its own: there may be a session all the same, so that the next request asks again.
  if (answer.status >= 500) session.doubt();
  else session.end();
  return false;
}

let going: Promise<boolean> | undefined;

/**
 * Gets the next access token by the cookie. One at a time, over all windows of the browser: a refresh token is good once, and two that
 * are sent at the same moment would look like a theft.
 */
export function refresh(): Promise<boolean> {
  if (!session.mayGoOn()) return Promise.resolve(false);
  going ??= navigator.locks.request('ganhe-refresh', ask).finally(() => (going = undefined));
  return going;
}

/** The token to send now; a new one when the present one is about to end. */
export async function freshToken(): Promise<string | undefined> {
  const present = session.get();
  if (present !== undefined && present.endsAt - Date.now() > MARGIN_MILLISECONDS) return present.token;
  if (present !== undefined || session.mayGoOn()) await refresh();
  return session.get()?.token;
}
