import { createCipheriv, createDecipheriv, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';
import { keyIdBytes, nonceOf, tagBytes, type NonceUse } from './spool-format.ts';
import { SpoolError } from './spool.ts';

/**
 * [Note: keys outside the heap] OpenSSL keeps the bytes of a `KeyObject` apart from JavaScript's heap and overwrites them when it frees them, so
 * they are in no heap snapshot and in no buffer that is used again. The bytes they were made from are overwritten at once.
 *
 * @param bytes overwritten.
 */
export function keyFrom(bytes: Uint8Array): KeyObject {
  try {
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/** A key and what is authenticated with everything under it: the file's header and its id. */
export interface FileSeal {
  key: KeyObject;
  context: Uint8Array;
}

export function headerChecksum(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** Says which data key sealed a file without saying anything of the key. */
export function keyIdOf(dataKey: KeyObject): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', dataKey, '', 'relevo spool key id', keyIdBytes));
}

export function fileSeal(dataKey: KeyObject, salt: Uint8Array, header: Uint8Array, id: string): FileSeal {
  return {
    key: keyFrom(new Uint8Array(hkdfSync('sha256', dataKey, salt, 'relevo spool file v1', 32))),
    context: Buffer.concat([header, Buffer.from(id, 'utf8')]),
  };
}

/** @returns ciphertext and tag, to be written in this order. */
export function sealChunk(seal: FileSeal, plain: Uint8Array, number: number, use: NonceUse): [Uint8Array, Uint8Array] {
  const cipher = createCipheriv('aes-256-gcm', seal.key, nonceOf(number, use), { authTagLength: tagBytes });
  cipher.setAAD(seal.context);
  const sealed = cipher.update(plain);
  // GCM holds nothing back: `final` only computes the tag.
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** @param sealed ciphertext and tag. @throws SpoolError `damaged` if a single bit differs from what was sealed. */
export function openChunk(seal: FileSeal, sealed: Uint8Array, number: number, use: NonceUse): Uint8Array {
  if (sealed.length < tagBytes) throw new SpoolError('damaged');
  const decipher = createDecipheriv('aes-256-gcm', seal.key, nonceOf(number, use), { authTagLength: tagBytes });
  decipher.setAAD(seal.context);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
  try {
    decipher.final();
  } catch (cause) {
    throw new SpoolError('damaged', { cause });
  }
  return plain;
}
