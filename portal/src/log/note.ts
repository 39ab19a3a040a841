import { type Bytes, fromBase64, isSame, joined, sha256, utf8 } from './bytes';
import type { Head } from './tree';

/** Checkpoints as C2SP `signed-note` and `tlog-checkpoint` write them, and the keys under which they are signed. */

/** One line of a note: who has signed it, and with what. */
interface Signature {
  name: string;
  keyId: Bytes;
  bytes: Bytes;
}

export interface Checkpoint extends Head {
  origin: string;
  /** Counts the checkpoints without a gap. */
  number: string | undefined;
  /** When it was signed, in business time. */
  recordedAt: string | undefined;
  /** What is signed. */
  text: string;
  signatures: Signature[];
}

/** The first four bytes of a signature say by which key it is. */
const KEY_ID = 4;

function readSignature(line: string): Signature | undefined {
  const found = /^— (\S+) (\S+)$/.exec(line);
  if (found === null) return undefined;
  const bytes = fromBase64(found[2] ?? '');
  return { name: found[1] ?? '', keyId: bytes.slice(0, KEY_ID), bytes: bytes.slice(KEY_ID) };
}

/** Microseconds since 1970 as an instant. */
const instantOf = (microseconds: string): string => new Date(Number(microseconds) / 1000).toISOString();

/** Reads a checkpoint; nothing of a text that is none. */
export function readCheckpoint(note: string): Checkpoint | undefined {
  // A text that went through a mail or an editor may have got other line ends.
  const whole = note.replaceAll('\r\n', '\n').trim();
  const end = whole.indexOf('\n\n');
  if (end < 0) return undefined;
  const text = whole.slice(0, end + 1);
  const [origin = '', size = '', root = '', ...more] = text.split('\n');
  const bytes = fromBase64(root);
  if (!/^\d+$/.test(size) || bytes.length !== 32) return undefined;
  const told = new Map(more.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  const recorded = told.get('recorded-at');
  return {
    origin,
    size: Number(size),
    root: bytes,
    number: told.get('number'),
    recordedAt: recorded === undefined ? undefined : instantOf(recorded),
    text,
    signatures: whole
      .slice(end + 2)
      .split('\n')
      .flatMap((line) => readSignature(line) ?? []),
  };
}

interface Key {
  name: string;
  id: Bytes;
  kind: number;
  bytes: Bytes;
}

/** Reads a key such as `name+c74f20a3+ARpc…`; nothing where its id is not that of the key. */
export async function readKey(vkey: string): Promise<Key | undefined> {
  const found = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey.trim());
  if (found === null) return undefined;
  const [, name = '', id = '', text = ''] = found;
  const key = fromBase64(text);
  const hash = await sha256(joined(utf8(`${name}\n`), key));
  const told = Uint8Array.from(id.match(/../g) ?? [], (two) => parseInt(two, 16));
  if (key.length !== 33 || !isSame(hash.slice(0, KEY_ID), told)) return undefined;
  return { name, id: told, kind: key[0] ?? 0, bytes: key.slice(1) };
}

/** Kinds of keys: that of an operator signs the text, that of a witness the text and the second of its signing. */
const [ED25519, COSIGNATURE] = [1, 4];
/** A cosignature begins with its second in eight bytes. */
const TIME = 8;

function signed(key: Key, text: string, signature: Bytes): [Bytes, Bytes] {
  if (key.kind !== COSIGNATURE) return [utf8(text), signature];
  const second = new DataView(signature.buffer, signature.byteOffset, TIME).getBigUint64(0);
  return [utf8(`cosignature/v1\ntime ${second}\n${text}`), signature.slice(TIME)];
}

/** Whether a key has signed a checkpoint; nothing where the browser does not know Ed25519. */
export async function hasSigned(vkey: string, checkpoint: Checkpoint): Promise<boolean | undefined> {
  const key = await readKey(vkey);
  if (key === undefined || ![ED25519, COSIGNATURE].includes(key.kind)) return false;
  const found = checkpoint.signatures.find((one) => one.name === key.name && isSame(one.keyId, key.id));
  if (found === undefined || found.bytes.length < TIME) return false;
  const [text, signature] = signed(key, checkpoint.text, found.bytes);
  let taken: CryptoKey;
  try {
    taken = await crypto.subtle.importKey('raw', key.bytes, 'Ed25519', false, ['verify']);
  } catch {
    return undefined;
  }
  return crypto.subtle.verify('Ed25519', taken, signature, text);
}

/** Whether one of several keys has signed a checkpoint. */
export async function isSignedBy(vkeys: readonly string[], checkpoint: Checkpoint): Promise<boolean | undefined> {
  const found = await Promise.all(vkeys.map((vkey) => hasSigned(vkey, checkpoint)));
  if (found.includes(true)) return true;
  return found.includes(undefined) ? undefined : false;
}
