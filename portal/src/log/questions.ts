import { api, call } from '../api/client';
import { type Bytes, fromHex, toHex } from './bytes';
import { type Checkpoint, isSignedBy, readCheckpoint } from './note';
import { isBeginning, rootOver } from './tree';

/** What the public log answers, checked in the browser: of the server only texts, hashes and keys are taken, and no verdict. */

/** The keys of the log and its witnesses, as the server tells them. */
export const findKeys = () => call(api.GET('/log/keys'));

const NO_CHECKPOINT = 'the log tells no checkpoint';

/** The checkpoint of a size; the newest without one. */
export async function findCheckpoint(size?: number): Promise<{ note: string; checkpoint: Checkpoint }> {
  const note = await call(
    api.GET('/log/checkpoint', { params: { query: size === undefined ? {} : { size } }, parseAs: 'text' }),
  );
  const checkpoint = readCheckpoint(note);
  if (checkpoint === undefined) throw new Error(NO_CHECKPOINT);
  return { note, checkpoint };
}

/** What was found of one step: that it holds, that it does not, or that this browser cannot tell. */
export type Found = 'holds' | 'fails' | 'unknown';

const foundOf = (holds: boolean | undefined): Found => (holds === undefined ? 'unknown' : holds ? 'holds' : 'fails');

/** Whether a checkpoint is signed by the operator. */
export async function signatureOf(checkpoint: Checkpoint): Promise<Found> {
  const { keys } = await findKeys();
  return foundOf(
    await isSignedBy(
      keys.map((key) => key.vkey),
      checkpoint,
    ),
  );
}

/** Whether the log of today begins with an older checkpoint. */
export async function isKept(older: Checkpoint, newer: Checkpoint): Promise<Found> {
  // What was cut off the log leaves a tree that is smaller than the one that was kept.
  if (older.size > newer.size || older.origin !== newer.origin) return 'fails';
  if (older.size === newer.size) return foundOf(toHex(older.root) === toHex(newer.root));
  if (older.size === 0) return 'holds';
  const { hashes } = await call(
    api.GET('/log/proof/consistency', { params: { query: { from: older.size, to: newer.size } } }),
  );
  return foundOf(await isBeginning(older, newer, hashes.map(fromHex)));
}

/** A leaf in the tree of a checkpoint, and what was found of it. */
export interface LeafProof {
  position: number;
  checkpoint: Checkpoint;
  note: string;
  path: string[];
  isIn: Found;
  isSigned: Found;
}

/** Proves that a leaf is in the log as it stands now: the path leads from the leaf to the root that is signed. */
export async function proveLeaf(leaf: Bytes): Promise<LeafProof> {
  const { checkpoint, note } = await findCheckpoint();
  const { position, hashes } = await call(
    api.GET('/log/proof/inclusion', { params: { query: { leaf_hash: toHex(leaf), tree_size: checkpoint.size } } }),
  );
  const place = position ?? 0;
  const [root, isSigned] = await Promise.all([
    rootOver(leaf, place, checkpoint.size, hashes.map(fromHex)),
    signatureOf(checkpoint),
  ]);
  const isIn = foundOf(root !== undefined && toHex(root) === toHex(checkpoint.root));
  return { position: place, checkpoint, note, path: hashes, isIn, isSigned };
}
