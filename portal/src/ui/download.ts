import { Unreachable } from '../api/problem';
import { ApiProblem, isProblem } from '../api/problem';
import { authorised } from '../session/authorised';

/** Hands a file to the browser. */
export function handOver(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** Fetches a document as whoever is signed in, and hands it to the browser: a plain link would carry no token. */
export async function download(path: string, name: string): Promise<void> {
  const answer = await authorised(new Request(new URL(path, window.location.origin)));
  if (!answer.ok) {
    const body: unknown = await answer.json().catch(() => undefined);
    throw isProblem(body) ? new ApiProblem(body) : new Unreachable(String(answer.status));
  }
  handOver(await answer.blob(), name);
}
