/** The fingerprint of one request: what the person approves is exactly what it stands for. */

import { type Digest, toDigest } from '../protocol/ids';
import type { Subject } from '../protocol/ui-messages';

/** SHA-256 in hex over the site and the parsed request, whose keys the schema has put in a fixed order. */
export async function digestOf(subject: Subject, request: object): Promise<Digest> {
  const canonical = JSON.stringify([subject.top, subject.frame ?? null, request]);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical)));
  return toDigest(Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''));
}
