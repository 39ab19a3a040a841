import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Schemas } from '../src/api/client';
import { authorised } from '../src/session/authorised';
import { session } from '../src/session/session';

const me = { user: 'li', roles: ['enterprise_approver'] } as Schemas['Me'];
const answer = {
  access_token: 'token',
  expires_at: new Date(Date.now() + 900_000).toISOString(),
  me,
} as Schemas['Session'];
const delegation = { delegation: 'd1', delegate: 'li', principal: '王', roles: ['enterprise_trader'], until: '' };
const sent: Request[] = [];

beforeEach(() => {
  sent.length = 0;
  vi.stubGlobal('fetch', (request: Request) => {
    sent.push(request);
    return Promise.resolve(new Response('{}'));
  });
  vi.spyOn(window.location, 'assign').mockImplementation(() => undefined);
});
afterEach(() => {
  session.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const asked = async (path: string) => {
  await authorised(new Request(new URL(path, 'http://127.0.0.1')));
  return sent.at(-1)?.headers.get('Acting-For');
};

it('whoever acts for a colleague has their roles and says so with every request but those of the sign-in', async () => {
  session.set(answer);
  expect(await asked('/api/v1/offers')).toBe(null);
  session.actFor(delegation);
  // The page is loaded anew, and the cookie gets the next token.
  session.set(answer);
  expect(session.get()?.me.roles).toEqual(['enterprise_trader']);
  expect(session.get()?.ownRoles).toEqual(['enterprise_approver']);
  expect(await asked('/api/v1/offers')).toBe('d1');
  expect(await asked('/api/v1/auth/logout')).toBe(null);
  session.actFor(undefined);
  session.set(answer);
  expect(session.get()?.me.roles).toEqual(['enterprise_approver']);
  expect(await asked('/api/v1/offers')).toBe(null);
});

it('nobody else at the same window acts for them, and neither does whoever has signed out', async () => {
  session.set(answer);
  session.actFor(delegation);
  session.set({ ...answer, me: { ...me, user: 'zhao' } });
  expect(await asked('/api/v1/offers')).toBe(null);
  session.clear();
  session.set(answer);
  expect(session.get()?.actingFor).toBe(undefined);
});
