import type { Schemas } from '../api/client';
import { language } from '../i18n/language';
import { ApiProblem, isProblem, Unreachable } from '../api/problem';
import { authorised } from '../session/authorised';

/** What spreadsheets are called where a browser does not say. */
const kinds: Record<string, string> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Uploads a document as it is: its bytes are the body, its name a header. */
export async function upload(file: File): Promise<Schemas['Document']> {
  const ending = file.name.split('.').pop()?.toLowerCase() ?? '';
  const answer = await authorised(
    new Request(new URL('/api/v1/documents', window.location.origin), {
      method: 'POST',
      headers: {
        'Accept-Language': language(),
        'Content-Type': kinds[ending] ?? file.type,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
        'Idempotency-Key': crypto.randomUUID(),
      },
      body: file,
    }),
  );
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw isProblem(body) ? new ApiProblem(body) : new Unreachable(String(answer.status));
  return body as Schemas['Document'];
}

/** Keeps evidence, and gives the ids under which it may be named. */
export async function uploadAll(files: readonly File[] = []): Promise<string[]> {
  const kept = await Promise.all(files.map(upload));
  return kept.map((document) => document.id);
}
