import { type Bytes, isSame, joined, sha256, utf8 } from './bytes';

/** The Merkle tree of RFC 6962, as far as somebody needs it who believes nothing that they can reckon themselves. */

const [LEAF, NODE] = [new Uint8Array([0]), new Uint8Array([1])];

/** The hash of a leaf: SHA-256 of a zero byte and its text. */
export const leafOf = (text: string): Promise<Bytes> => sha256(joined(LEAF, utf8(text)));

const nodeOf = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(NODE, left, right));

/** Half of a number, rounded down; positions of a log may be beyond what bits of JavaScript hold. */
const halved = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;

/** The root to which an inclusion proof leads (RFC 9162, 2.1.3.2); nothing where it cannot be the proof of such a place. */
export async function rootOver(
  leaf: Bytes,
  position: number,
  size: number,
  path: readonly Bytes[],
): Promise<Bytes | undefined> {
  if (position >= size) return undefined;
  let [place, last, root] = [position, size - 1, leaf];
  for (const beside of path) {
    if (last === 0) return undefined;
    if (isOdd(place) || place === last) {
      root = await nodeOf(beside, root);
      while (!isOdd(place) && place !== 0) [place, last] = [halved(place), halved(last)];
    } else {
      root = await nodeOf(root, beside);
    }
    [place, last] = [halved(place), halved(last)];
  }
  return last === 0 ? root : undefined;
}

/** A tree by its size and its root. */
export interface Head {
  size: number;
  root: Bytes;
}

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

/** Whether the older tree is the beginning of the newer one (RFC 9162, 2.1.4.2). */
export async function isBeginning(older: Head, newer: Head, proof: readonly Bytes[]): Promise<boolean> {
  if (older.size > newer.size) return false;
  if (older.size === newer.size) return proof.length === 0 && isSame(older.root, newer.root);
  // A tree without leaves is the beginning of every tree.
  if (older.size === 0) return true;
  const [first, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  if (first === undefined) return false;
  let [place, last] = [older.size - 1, newer.size - 1];
  while (isOdd(place)) [place, last] = [halved(place), halved(last)];
  let [oldRoot, newRoot] = [first, first];
  for (const beside of rest) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      [oldRoot, newRoot] = [await nodeOf(beside, oldRoot), await nodeOf(beside, newRoot)];
      while (!isOdd(place) && place !== 0) [place, last] = [halved(place), halved(last)];
    } else {
      newRoot = await nodeOf(newRoot, beside);
    }
    [place, last] = [halved(place), halved(last)];
  }
  return last === 0 && isSame(oldRoot, older.root) && isSame(newRoot, newer.root);
}
