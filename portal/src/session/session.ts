import { useSyncExternalStore } from 'react';
import type { Schemas } from '../api/client';

/** For whom somebody acts, with the roles that were handed to them. */
export interface ActingFor {
  readonly delegation: string;
  /** Who acts: it counts for nobody else at this window. */
  readonly delegate: string;
  /** The name of whoever handed them over. */
  readonly principal: string;
  readonly roles: string[];
  readonly until: string;
}

/** Who is signed in, with the token in memory alone: it ends with the page, and the cookie that no script reads gets the next. */
export interface Session {
  readonly token: string;
  /** By the clock of the browser, in milliseconds. */
  readonly endsAt: number;
  /** What is still to do: `second_factor`, `enrolment`, or nothing. */
  readonly next: string | undefined;
  /** With the roles that count now: one's own, or those that were handed over. */
  readonly me: Schemas['Me'];
  readonly ownRoles: string[];
  readonly actingFor: ActingFor | undefined;
}

/** A remark that there is a cookie to ask with, so that visitors who never signed in ask for nothing. It is no secret. */
const REMARK = 'ganhe.signed-in';

/** Where a window remembers for whom one acts in it, so that loading it anew changes nothing. */
const ACTING = 'ganhe.acting-for';

function remembered(user: string): ActingFor | undefined {
  const acting = JSON.parse(sessionStorage.getItem(ACTING) ?? 'null') as ActingFor | null;
  return acting?.delegate === user ? acting : undefined;
}

let current: Session | undefined;
let isKnown = localStorage.getItem(REMARK) === null;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

export const session = {
  get: (): Session | undefined => current,
  /** Whether it is worth asking for the next token by the cookie. */
  mayGoOn: (): boolean => localStorage.getItem(REMARK) !== null,
  set(answer: Schemas['Session']): void {
    const actingFor = remembered(answer.me.user);
    current = {
      token: answer.access_token,
      endsAt: Date.parse(answer.expires_at),
      next: answer.next ?? undefined,
      me: { ...answer.me, roles: actingFor?.roles ?? answer.me.roles },
      ownRoles: answer.me.roles,
      actingFor,
    };
    isKnown = true;
    localStorage.setItem(REMARK, 'yes');
    tell();
  },
  /** What has become known of whoever is signed in. */
  learn(known: Partial<Schemas['Me']>): void {
    if (current === undefined) return;
    current = { ...current, me: { ...current.me, ...known } };
    tell();
  },
  /** Nobody knows; what is on the screen goes on without a session. */
  doubt(): void {
    isKnown = true;
    tell();
  },
  /** The session has ended, and who had it is still there: what is on the screen stays, until they sign in again or leave. */
  end(): void {
    if (current === undefined) {
      session.clear();
      return;
    }
    current = { ...current, endsAt: 0 };
    localStorage.removeItem(REMARK);
    tell();
  },
  /** Acts for somebody from now on, or for oneself again. The page is loaded anew, so that nothing of before stays on it. */
  actFor(actingFor: ActingFor | undefined): void {
    if (actingFor === undefined) sessionStorage.removeItem(ACTING);
    else sessionStorage.setItem(ACTING, JSON.stringify(actingFor));
    window.location.assign('/');
  },
  clear(): void {
    sessionStorage.removeItem(ACTING);
    current = undefined;
    isKnown = true;
    localStorage.removeItem(REMARK);
    tell();
  },
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Who is signed in; nobody when nobody is. */
export const useSession = (): Session | undefined => useSyncExternalStore(subscribe, session.get);

/** Whether it is known yet who is signed in: after a reload the cookie is asked with first. */
export const useIsKnown = (): boolean => useSyncExternalStore(subscribe, () => isKnown);
