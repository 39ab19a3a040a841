// Measures what a visitor loads before the sign-in and the public pages stand: the entry with everything it imports, and the chunk
// of the page itself. Fails above the budget.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../dist/', import.meta.url).pathname;
const budget = 350_000;
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const pages = [
    'src/session/SignInPage.tsx',
    'src/disclosure/TradesPage.tsx',
    'src/disclosure/AnnouncementsPage.tsx',
    'src/statistics/StatisticsPage.tsx',
    'src/quota/PublicCapacitiesPage.tsx',
    'src/certificates/CheckPage.tsx',
];

/** The files of a chunk and of everything that it imports. */
function files(key, seen = new Set()) {
    if (seen.has(key)) return [];
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the build has no ${key}`);
    return [chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((other) => files(other, seen))];
}

function compressed(file) {
    const path = join(dist, file);
    return statSync(`${path}.br`, { throwIfNoEntry: false })?.size ?? statSync(path).size;
}

let failed = false;
for (const page of pages) {
    // Chinese comes with the entry; English is loaded beside it when it is chosen.
    const all = new Set(['index.html', page].flatMap((key) => files(key)));
    const size = [...all].reduce((sum, file) => sum + compressed(file), 0);
    failed ||= size > budget;
    console.log(`${page}: ${size} bytes compressed${size > budget ? `, more than ${budget}` : ''}`);
}
process.exit(failed ? 1 : 0);
