import react from '@vitejs/plugin-react';
import { build, type Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';

/** The server that `npm run dev` asks; another one by GANHE_API. */
const api = process.env['GANHE_API'] ?? 'http://127.0.0.1:8080';
/** Everything that is not the portal's own, as `src/portal/mod.rs` lists it. */
const others = ['/.well-known', '/api', '/docs', '/healthz', '/log', '/metrics', '/oauth', '/openapi.json', '/readyz'];

const target = 'es2022';

/** The modules that every page is loaded with, beside those of the entry itself: what is left of them once nobody needs the rest. */
async function early(): Promise<Set<string>> {
  const built = await build({
    configFile: false,
    plugins: [react()],
    logLevel: 'error',
    build: { target, write: false, minify: false },
  });
  const chunks = new Map(
    (built as Rolldown.RolldownOutput).output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one]] : [])),
  );
  const loaded = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    chunks.get(file)?.imports.forEach(load);
  };
  const entries = [...chunks.values()].filter((one) => one.isEntry);
  for (const entry of entries) entry.imports.forEach(load);
  return new Set([...loaded].flatMap((file) => Object.keys(chunks.get(file)?.modules ?? {})));
}

export default defineConfig(async ({ command, mode }) => {
  // One file instead of fifty: by itself, what is shared is split by whoever shares it.
  const common = command === 'build' && mode === 'production' ? await early() : undefined;
  return {
    plugins: [react()],
    // The server writes a fresh nonce into every answer of the first page.
    html: { cspNonce: 'GANHE_NONCE' },
    server: { proxy: Object.fromEntries(others.map((path) => [path, { target: api }])) },
    build: {
      target,
      manifest: true,
      // An image in the text of a program would be no file with a hash of its own.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
      ...(common && {
        rolldownOptions: {
          output: { codeSplitting: { groups: [{ name: 'common', test: (module: string) => common.has(module) }] } },
        },
      }),
    },
    test: { environment: 'happy-dom', include: ['tests/**/*.test.{ts,tsx}'] },
  };
});
