// Puts a brotli and a gzip form beside every file of the build that gains by it: the server sends them as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = new URL('../dist/', import.meta.url).pathname;
const text = /\.(css|html|js|json|svg)$/;
/** Below this the header of the form outweighs what it saves. */
const smallest = 512;

for (const name of readdirSync(root, { recursive: true })) {
    const path = join(root, name);
    // The first page is written anew for every answer, with its nonce.
    if (!statSync(path).isFile() || !text.test(path) || name === 'index.html') continue;
    const plain = readFileSync(path);
    if (plain.length < smallest) continue;
    writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
