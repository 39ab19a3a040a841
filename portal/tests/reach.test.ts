import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../src');
const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('contract.ts'))
  .map((name) => readFileSync(join(root, name), 'utf8'))
  .join('\n');

const { paths } = JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi/openapi.json'), 'utf8')) as {
  paths: Record<string, object>;
};
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(paths).flatMap(([path, those]) =>
  Object.keys(those)
    .filter((method) => METHODS.includes(method))
    .map((method) => ({ method: method.toUpperCase(), path })),
);

/** What programs do and no person, and why. */
const forPrograms: Record<string, string> = {
  'GET /.well-known/jwks.json': 'other services check tokens by them',
  'GET /healthz': 'a supervisor asks whether the process lives',
  'GET /readyz': 'a load balancer asks whether it is ready',
  'POST /oauth/token': 'a program signs in',
  'POST /log/cosignatures': 'a witness hands in what it has signed',
  'GET /log/tile/{path}': 'a mirror copies the tree',
  'GET /api/v1/events': 'a system of a bank follows the feed; people have pages and the inbox',
  'GET /api/v1/operations/{id}/events': 'a program follows a long work; a page asks for it',
  'POST /api/v1/monitor-messages': 'monitors and their gateways hand them in',
  'POST /api/v1/monitor-messages/stream': 'monitors and their gateways hand them in',
  'POST /api/v1/money/payments':
    'the settlement bank’s system tells what came in; people match what is left in suspense',
  'GET /api/v1/auction-lots/{id}': 'a page shows all lots of a session',
  'GET /api/v1/auction-registrations/{id}': 'a page shows all registrations of a session',
  'GET /api/v1/price-index': 'pages show the same figures from the public operation',
  'GET /api/v1/statistics': 'pages show the same figures from the public operation',
};

/** What is sent as a file, and not as JSON by a typed call. */
const asFiles = ['/api/v1/documents', '/api/v1/calendars'];

/** Whether some page asks for it: by a typed call, or by its address where a file goes one way or the other. */
function isReached(method: string, path: string): boolean {
  const [quoted, filled] = [/[{}.]/g, /\\\{\w+\\\}/g];
  const form = path.replace(quoted, '\\$&');
  if (new RegExp(`api\\.${method}\\(\\s*'${form}'`).test(code)) return true;
  const isAlone = Object.keys(paths[path] ?? {}).filter((one) => METHODS.includes(one)).length === 1;
  if (method !== 'GET' && !isAlone && !asFiles.includes(path)) return false;
  return new RegExp(`['\`]${form.replace(filled, '\\$\\{[^}]+\\}')}['\`?]`).test(code);
}

/** One thing is not looked up where its list shows all of it. */
const isListed = (method: string, path: string): boolean =>
  method === 'GET' && path.endsWith('/{id}') && isReached('GET', path.slice(0, -'/{id}'.length));

describe('what a person may do by the contract', () => {
  const named = operations.map(({ method, path }) => ({ method, path, name: `${method} ${path}` }));

  it('is done in the portal, but for what is there for programs', () => {
    expect(named.length).toBeGreaterThan(300);
    const missing = named.filter(
      ({ method, path, name }) => !isReached(method, path) && !isListed(method, path) && !(name in forPrograms),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('is not excused where the portal does it, nor where the contract has no such operation', () => {
    const excused = named.filter(({ name }) => name in forPrograms);
    expect(excused.length).toBe(Object.keys(forPrograms).length);
    expect(excused.filter(({ method, path }) => isReached(method, path)).map(({ name }) => name)).toEqual([]);
  });
});
