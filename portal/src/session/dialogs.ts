import { useSyncExternalStore } from 'react';

/** A dialog that something waits for. */
export type Dialog = 'sign_in' | 'second_factor';

let open: Dialog | undefined;
let waiting: ((done: boolean) => void)[] = [];
const listeners = new Set<() => void>();

function show(dialog: Dialog): Promise<boolean> {
  open = dialog;
  for (const listener of listeners) listener();
  return new Promise((resolve) => waiting.push(resolve));
}

export const dialogs = {
  /** Whether somebody has signed in again. */
  signIn: (): Promise<boolean> => show('sign_in'),
  /** Whether a second factor was given. */
  secondFactor: (): Promise<boolean> => show('second_factor'),
  /** Closes it, and lets go on whatever waits. */
  close(done: boolean): void {
    const all = waiting;
    [open, waiting] = [undefined, []];
    for (const listener of listeners) listener();
    for (const resolve of all) resolve(done);
  },
};

/** The dialog that is open. */
export const useDialog = (): Dialog | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
