import { useSyncExternalStore } from 'react';
import type { Schemas } from '../api/client';

/** Who is signed in, with the token in memory alone: it ends with the page, and the cookie that no script reads gets the next. */
export interface Session {
  readonly token: string;
  /** By the clock of the browser, in milliseconds. */
  readonly endsAt: number;
  /** What is still to do: `second_factor`, `enrolment`, or nothing. */
  readonly next: string | undefined;
  readonly me: Schemas['Me'];
}

/** A remark that there is a cookie to ask with, so that visitors who never signed in ask for nothing. It is no secret. */
const REMARK = 'ganhe.signed-in';

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
    current = {
      token: answer.access_token,
      endsAt: Date.parse(answer.expires_at),
      next: answer.next ?? undefined,
      me: answer.me,
    };
    isKnown = true;
    localStorage.setItem(REMARK, 'yes');
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
  clear(): void {
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
