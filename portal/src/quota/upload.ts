import type { Schemas } from '../api/client';
import { language } from '../i18n/language';
import { ApiProblem, isProblem, Unreachable } from '../api/problem';
import { authorised } from '../session/authorised';

/** What spreadsheets are called where a browser does not say. */
const kinds: Record<string, string> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Sends a file as it is: its bytes are the body, its name a header. */
export async function send<T>(path: string, file: File, key: string = crypto.randomUUID()): Promise<T> {
  const ending = file.name.split('.').pop()?.toLowerCase() ?? '';
  const answer = await authorised(
    new Request(new URL(path, window.location.origin), {
      method: 'POST',
      headers: {
        'Accept-Language': language(),
        'Content-Type': kinds[ending] ?? file.type,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'Idempotency-Key': key,
      },
      body: file,
    }),
  );
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw isProblem(body) ? new ApiProblem(body) : new Unreachable(String(answer.status));
  return body as T;
}

/** Uploads a document. */
export const upload = (file: File) => send<Schemas['Document']>('/api/v1/documents', file);

/** Keeps evidence, and gives the ids under which it may be named. */
export async function uploadAll(files: readonly File[] = []): Promise<string[]> {
  const kept = await Promise.all(files.map(upload));
  return kept.map((document) => document.id);
}
