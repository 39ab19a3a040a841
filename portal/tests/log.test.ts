import { describe, expect, it } from 'vitest';
import { changed, canonical, microsecondsOf, readColumns } from '../src/audit/record';
import { beginOf, isWithin } from '../src/audit/refusalPeriods';
import { attachedTo } from '../src/certificates/attached';
import { type Bytes, joined, sha256, toHex } from '../src/log/bytes';
import { hasSigned, isSignedBy, readCheckpoint, readKey } from '../src/log/note';
import { isBeginning, leafOf, rootOver } from '../src/log/tree';

const node = (left: Bytes, right: Bytes) => sha256(joined(new Uint8Array([1]), left, right));
const split = (count: number) => 2 ** Math.floor(Math.log2(count - 1));

/** The tree as RFC 6962 defines it, from the leaves down. */
async function rootOf(leaves: Bytes[]): Promise<Bytes> {
  if (leaves.length === 1) return leaves[0] as Bytes;
  const left = split(leaves.length);
  return node(await rootOf(leaves.slice(0, left)), await rootOf(leaves.slice(left)));
}

async function pathOf(leaves: Bytes[], place: number): Promise<Bytes[]> {
  if (leaves.length === 1) return [];
  const left = split(leaves.length);
  const [first, second] = [leaves.slice(0, left), leaves.slice(left)];
  return place < left
    ? [...(await pathOf(first, place)), await rootOf(second)]
    : [...(await pathOf(second, place - left)), await rootOf(first)];
}

async function consistency(leaves: Bytes[], size: number, isWhole = true): Promise<Bytes[]> {
  if (size === leaves.length) return isWhole ? [] : [await rootOf(leaves)];
  const left = split(leaves.length);
  const [first, second] = [leaves.slice(0, left), leaves.slice(left)];
  return size <= left
    ? [...(await consistency(first, size, isWhole)), await rootOf(second)]
    : [...(await consistency(second, size - left, false)), await rootOf(first)];
}

const leaves = await Promise.all(Array.from({ length: 11 }, (_, place) => leafOf(`leaf ${place}\n`)));
const heads = await Promise.all(
  leaves.map(async (_, last) => ({ size: last + 1, root: await rootOf(leaves.slice(0, last + 1)) })),
);

describe('the tree of the log', () => {
  it('proves every leaf of every size, and no leaf at another place', async () => {
    for (const { size, root } of heads) {
      for (let place = 0; place < size; place += 1) {
        const path = await pathOf(leaves.slice(0, size), place);
        const leaf = leaves[place] as Bytes;
        expect(toHex((await rootOver(leaf, place, size, path)) ?? root.slice(1))).toBe(toHex(root));
        if (size === 1) continue;
        const elsewhere = await rootOver(leaf, (place + 1) % size, size, path);
        expect(elsewhere && toHex(elsewhere)).not.toBe(toHex(root));
      }
    }
    expect(await rootOver(leaves[0] as Bytes, 3, 3, [])).toBeUndefined();
  });

  it('tells whether one is the beginning of another', async () => {
    for (const newer of heads) {
      for (const older of heads.slice(0, newer.size)) {
        const proof = await consistency(leaves.slice(0, newer.size), older.size);
        expect(await isBeginning(older, newer, proof), `${older.size} in ${newer.size}`).toBe(true);
        const other = { ...older, root: leaves[10] as Bytes };
        expect(await isBeginning(other, newer, proof)).toBe(false);
      }
    }
    expect(await isBeginning(heads[5] as (typeof heads)[0], heads[2] as (typeof heads)[0], [])).toBe(false);
  });
});

const note = `ganhe/420000/a3461685
9910
3tTAcFX4BqDXYl5wSaLwRMCyhmXTb0f02pPyOsErTqA=
number 3
stable-before 1669856402558278
recorded-at 1669856402692741

— ganhe/420000/a3461685 8I1vZ/gJWyjlvEBwunskcieuYxERbaaNWvdCTe0T2e9g5tP4J+CY02znMlIlU4wlx8Z4Nl/V6mYzXDA0GSYVdQw+fwI=
`;
const vkey = 'ganhe/420000/a3461685+f08d6f67+AbDvMF330NxetZ2/NTJfqp7d+31UmexeJY0C6dtg3O1G';

describe('a checkpoint', () => {
  it('is read, also with line ends of another system, and nothing else is', () => {
    const read = readCheckpoint(note.replaceAll('\n', '\r\n'));
    expect([read?.origin, read?.size, read?.number]).toEqual(['ganhe/420000/a3461685', 9910, '3']);
    expect(read?.recordedAt).toBe('2022-12-01T01:00:02.692Z');
    expect([readCheckpoint(''), readCheckpoint('a\n\nb'), readCheckpoint('a\n1\nAAAA\n\n— a b')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('holds under the key that has signed it, and under no other text or key', async () => {
    const read = readCheckpoint(note);
    const forged = readCheckpoint(note.replace('9910', '9911'));
    if (read === undefined || forged === undefined) throw new Error('it was not read');
    expect(await hasSigned(vkey, read)).toBe(true);
    expect(await hasSigned(vkey, forged)).toBe(false);
    expect(await isSignedBy([], read)).toBe(false);
    expect(await isSignedBy(['nothing', vkey], read)).toBe(true);
    expect(await readKey(vkey.replace('f08d6f67', 'f08d6f68'))).toBeUndefined();
  });
});

describe('the evidence of a row', () => {
  const content = [
    'column id 00000000-0000-0000-0000-00000000000b',
    'column is_reserve false',
    'column loan_contract 15 借字\n2022-001',
    'column number -',
    'column password_hash sha256 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b',
    'column principal 10000000',
    'column seal x00ff',
    'column version 3',
    '',
  ].join('\n');
  const version = {
    id: '00000000-0000-0000-0000-00000000000a',
    version: 3,
    recorded_at: '2022-12-01T09:00:00.000000+08:00',
    content,
  };

  it('is written down again as the book has hashed it', async () => {
    const text = canonical({ table: 'pledges', key: '00000000-0000-0000-0000-00000000000b', version });
    expect(toHex(await leafOf(text))).toBe('6c7ac2ed1692798e9ce034281521446e3a7a6fb77ddd905190076eacf0dbe689');
    expect(microsecondsOf('2022-12-01T09:00:00.000123+08:00')).toBe('1669856400000123');
  });

  it('is read column by column, and what a version changes is told', () => {
    const columns = readColumns(content);
    expect(columns.size).toBe(8);
    expect(columns.get('loan_contract')).toEqual({ kind: 'text', text: '借字\n2022-001' });
    expect([columns.get('number')?.kind, columns.get('password_hash')?.kind]).toEqual(['absent', 'secret']);
    expect(changed(undefined, columns)).toHaveLength(8);
    expect(changed(readColumns(content.replace('version 3', 'version 2')), columns)).toEqual(['version']);
  });
});

describe('the period of a refusal', () => {
  it('is a year, a quarter or a month', () => {
    const instant = '2022-11-30T09:00:00.000000+08:00';
    expect(['2022', '2022-Q4', '2022-11'].map((period) => isWithin(instant, period))).toEqual([true, true, true]);
    expect(['2021', '2022-Q3', '2022-12'].map((period) => isWithin(instant, period))).toEqual([false, false, false]);
    expect(['2022', '2022-Q4', '2022-11'].map(beginOf)).toEqual(['2022-01', '2022-10', '2022-11']);
  });
});

describe('what is attached to a paper', () => {
  const proof = '{"certificate":"凭证"}';
  const pdf = (attached: Uint8Array<ArrayBuffer>) => {
    const head = `%PDF-1.7\n21 0 obj\n<</Length ${attached.length}/Type/EmbeddedFile/Filter/FlateDecode/Params<</Size 9>>>>\nstream\n`;
    return new Blob([head, attached, '\nendstream\nendobj\n']);
  };

  it('is read out of the PDF, or is the file itself', async () => {
    const packed = new Blob([proof]).stream().pipeThrough(new CompressionStream('deflate'));
    const attached = new Uint8Array(await new Response(packed).arrayBuffer());
    expect(await attachedTo(pdf(attached))).toBe(proof);
    expect(await attachedTo(new Blob([proof]))).toBe(proof);
    expect(await attachedTo(new Blob(['%PDF-1.7\nnothing']))).toBeUndefined();
  });
});
