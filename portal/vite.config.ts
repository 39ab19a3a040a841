import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** The server that `npm run dev` asks; another one by GANHE_API. */
const api = process.env['GANHE_API'] ?? 'http://127.0.0.1:8080';
/** Everything that is not the portal's own, as `src/portal/mod.rs` lists it. */
const others = ['/.well-known', '/api', '/docs', '/healthz', '/log', '/metrics', '/oauth', '/openapi.json', '/readyz'];

export default defineConfig({
  plugins: [react()],
  // The server writes a fresh nonce into every answer of the first page.
  html: { cspNonce: 'GANHE_NONCE' },
  server: { proxy: Object.fromEntries(others.map((path) => [path, { target: api }])) },
  build: {
    target: 'es2022',
    manifest: true,
    // An image in the text of a program would be no file with a hash of its own.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.{ts,tsx}'] },
});
