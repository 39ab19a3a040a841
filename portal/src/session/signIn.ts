import { api, call } from '../api/client';
import { BY_COOKIE } from './refresh';
import { session } from './session';

/** Signs in; the refresh token goes into a cookie that no script reads. */
export async function signIn(login: string, password: string): Promise<void> {
  session.set(await call(api.POST('/api/v1/auth/login', { body: { login, password }, headers: BY_COOKIE })));
}

/** Gives a code of the second factor: to finish signing in, or to move rights and money for some minutes. */
export async function giveCode(code: string): Promise<void> {
  session.set(await call(api.POST('/api/v1/auth/second-factor', { body: { code }, headers: BY_COOKIE })));
}

/** Ends the session, here also when the server cannot be reached. */
export async function signOut(): Promise<void> {
  try {
    await call(api.POST('/api/v1/auth/logout', { headers: BY_COOKIE }));
  } finally {
    session.clear();
  }
}
