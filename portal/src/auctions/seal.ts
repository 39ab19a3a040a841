/**
 * What keeps a sealed bid from being read and guessed. All of it is made where it is kept: salts go into a bid and nowhere else, and of a
 * key only the public half leaves the browser before the bids are opened.
 */

/** Bytes of a salt and of either half of a key. */
const BYTES = 32;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** 64 random hexadecimal digits, for one bid. */
export const freshSalt = (): string => hex(crypto.getRandomValues(new Uint8Array(BYTES)));

/** A key of an official (X25519), both halves in hexadecimal. */
export interface KeyPair {
  readonly publicHalf: string;
  readonly privateHalf: string;
}

/** Makes a key; fails in a browser that does not know this kind. */
export async function freshKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'X25519' }, true, ['deriveBits']);
  const [raw, wrapped] = await Promise.all([
    crypto.subtle.exportKey('raw', publicKey),
    crypto.subtle.exportKey('pkcs8', privateKey),
  ]);
  // Of a private key in PKCS #8 the last bytes are the key itself (RFC 8410).
  return { publicHalf: hex(new Uint8Array(raw)), privateHalf: hex(new Uint8Array(wrapped).slice(-BYTES)) };
}
