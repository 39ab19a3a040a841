// Measures what is loaded before a page stands: the entry with everything it imports, and the chunk of the page itself. Tells those that a
// visitor sees and the largest of all; fails when one is above the budget.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../dist/', import.meta.url).pathname;
const budget = 350_000;
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
/** What a visitor sees before they sign in. */
const visited = [
    'src/session/SignInPage.tsx',
    'src/disclosure/TradesPage.tsx',
    'src/disclosure/AnnouncementsPage.tsx',
    'src/auctions/PublicAuctionsPage.tsx',
    'src/statistics/StatisticsPage.tsx',
    'src/quota/PublicCapacitiesPage.tsx',
    'src/certificates/CheckPage.tsx',
    'src/disclosure/RatingsPage.tsx',
    'src/disclosure/PublicRefusalsPage.tsx',
    'src/log/LogPage.tsx',
];
/** Whoever is signed in has what acts for others beside the page. */
const beside = 'src/session/ActingChoice.tsx';
/** The areas of words that pages are loaded with, as the program names them. */
const named = ['routes.tsx', 'Start.tsx'].flatMap((file) => [
    ...readFileSync(new URL(`../src/app/${file}`, import.meta.url), 'utf8').matchAll(
        /withWords\('(\w+)', \(\) => import\('\.\.\/([\w/]+)'\)/g,
    ),
]);
const areas = new Map(named.map(([, area, page]) => [`src/${page}.tsx`, `src/i18n/zh/areas/${area}.ts`]));
const pages = Object.keys(manifest).filter((key) => /Page\.tsx$/.test(key));

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

function sizeOf(page) {
    // Chinese comes with the entry; English is loaded beside it when it is chosen.
    const keys = visited.includes(page) ? ['index.html', page] : ['index.html', page, beside];
    if (areas.has(page)) keys.push(areas.get(page));
    return [...new Set(keys.flatMap((key) => files(key)))].reduce((sum, file) => sum + compressed(file), 0);
}

const sizes = pages.map((page) => [page, sizeOf(page)]).toSorted((one, other) => other[1] - one[1]);
const told = sizes.filter(([page, size], place) => place === 0 || visited.includes(page) || size > budget);
for (const [page, size] of told)
    console.log(`${page}: ${size} bytes compressed${size > budget ? `, more than ${budget}` : ''}`);
console.log(`${pages.length} pages, none above ${sizes[0][1]} bytes`);
process.exit(sizes[0][1] > budget ? 1 : 0);
