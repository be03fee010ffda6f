/** The fingerprint of one request: what the person approves is exactly what it stands for. */

import { type Digest, toDigest } from '../protocol/ids';
import type { Subject } from '../protocol/ui-messages';
import type { Choice } from './scopes';

/** What a card shows: the request, and everyone who may answer it. Where one of them changes, a click on the old card is for nothing. */
export const digestOfCard = (request: Digest, choices: readonly Choice[]): Promise<Digest> =>
  sha256(JSON.stringify([request, choices.map(({ connection, model, place }) => [connection, model ?? null, place])]));

/** SHA-256 in hex over the site and the parsed request, whose keys the schema has put in a fixed order. */
export async function digestOf(subject: Subject, request: object): Promise<Digest> {
  return sha256(JSON.stringify([subject.top, subject.frame ?? null, request]));
}

async function sha256(text: string): Promise<Digest> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return toDigest(Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''));
}
