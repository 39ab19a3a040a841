import { isProblem } from '../api/problem';
import { dialogs } from './dialogs';
import { freshToken, refresh } from './refresh';
import { session } from './session';

/** Operations of signing in answer for themselves. */
const SIGN_IN = '/api/v1/auth/';

const isOfSignIn = (request: Request) => new URL(request.url).pathname.startsWith(SIGN_IN);

async function codesOf(answer: Response): Promise<string[]> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  return isProblem(body) ? [body.code, ...body.violations.map((one) => one.code)] : [];
}

async function send(request: Request): Promise<Response> {
  const token = await freshToken();
  // The original stays whole, so that it can be sent again.
  const sent = request.clone();
  if (token !== undefined) sent.headers.set('Authorization', `Bearer ${token}`);
  const acting = session.get()?.actingFor;
  // How one signs in is one's own affair, whomever one acts for.
  if (acting !== undefined && !isOfSignIn(request)) sent.headers.set('Acting-For', acting.delegation);
  return fetch(sent);
}

/**
 * Sends a request as whoever is signed in. When the session has ended meanwhile, or a second factor is asked for, a dialog opens over
 * whatever is on the screen, and the same request goes out again afterwards: a form that was filled in is not lost, and none has to
 * know.
 */
export async function authorised(request: Request): Promise<Response> {
  const wasSignedIn = session.get() !== undefined || session.mayGoOn();
  let answer = await send(request);
  if (isOfSignIn(request)) return answer;
  if (answer.status === 401 && wasSignedIn) {
    const isBack = (await refresh()) || (session.get() !== undefined && (await dialogs.signIn()));
    if (isBack) answer = await send(request);
    else session.clear();
  }
  if (
    answer.status === 403 &&
    (await codesOf(answer)).includes('AUT_SECOND_FACTOR_NEEDED') &&
    (await dialogs.secondFactor())
  ) {
    answer = await send(request);
  }
  return answer;
}
