/**
 * Takes secrets out of a backend's words before anybody stores or shows them: the keys that are in use, in every form in which they may come
 * back, and whatever looks like a key. Words of which nobody can say any more whether they hold a key are dropped.
 */

import { AiError } from '../protocol/errors';

export interface Redactor {
  /** From now on this secret, and every run of 8 characters of it, is taken out. */
  know(secret: string): void;
  /** The vault was locked: the secrets leave the memory. */
  forget(): void;
  redact(text: string): string;
  /** The errors of what is begun now; they are read when it has failed. */
  watch(): (error: AiError) => AiError;
}

const mask = '…';
/** A shorter piece gives nothing away that guessing would not; a shorter secret is taken out as a whole. */
const pieceLength = 8;
const keyShapes =
  /\b(?:sk-|gsk_|hf_|xai-|AIza)[\w*.-]{7,}|\b(?:Bearer\s+|(?:api[_-]?)?key["']?\s*[=:]\s*["']?)[^\s"'&,;<>)}\]]+/gi;

/** base64 of the secret as it looks at each place within three bytes, without the ends that its neighbours change. */
function base64Forms(secret: string): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = btoa(`${'\0'.repeat(offset)}${secret}`).replace(/=+$/, '');
    const inner = encoded.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + secret.length) * 4) / 3));
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const percentEncoded = (secret: string) =>
  secret.replace(/[^A-Za-z0-9]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);

const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  percentEncoded(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll('/', '\\/'),
  ...base64Forms(secret),
];

/** All runs of 8 characters of all forms; letters in one case, since `%2F` and `%2f` are the same. */
function piecesOf(secret: string): ReadonlySet<string> {
  const pieces = new Set<string>();
  for (const form of formsOf(secret).map((each) => each.toLowerCase())) {
    for (let at = 0; at + pieceLength <= form.length; at += 1) pieces.add(form.slice(at, at + pieceLength));
  }
  return pieces;
}

function withoutPieces(text: string, known: readonly ReadonlySet<string>[]): string {
  const lower = text.toLowerCase();
  let kept = '';
  let coveredTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const piece = lower.slice(at, at + pieceLength);
    if (known.some((pieces) => pieces.has(piece))) {
      if (at >= coveredTo) kept += mask;
      coveredTo = at + pieceLength;
    }
    if (at >= coveredTo) kept += text[at];
  }
  return kept;
}

export function createRedactor(): Redactor {
  const secrets = new Map<string, ReadonlySet<string>>();
  let forgotten = 0;

  const redact = (text: string): string => {
    const known = [...secrets];
    const short = known.filter(([secret]) => secret.length < pieceLength);
    const whole = short.reduce((rest, [secret]) => rest.replaceAll(secret, mask), text);
    return withoutPieces(
      whole,
      known.map(([, pieces]) => pieces),
    ).replace(keyShapes, mask);
  };

  return {
    know(secret) {
      if (!secrets.has(secret)) secrets.set(secret, piecesOf(secret));
    },

    forget() {
      secrets.clear();
      forgotten += 1;
    },

    redact,

    watch() {
      const begun = forgotten;
      return (error) => {
        const { code, message, detail, field } = error;
        if (detail === undefined && field === undefined) return error;
        const clean = (words: string | undefined) => (words === undefined || begun !== forgotten ? undefined : redact(words));
        const { fault, status, retryable, retryAfter, cause } = error;
        return new AiError(code, message, {
          fault,
          status,
          retryable,
          retryAfter,
          cause,
          detail: clean(detail),
          field: clean(field),
        });
      };
    },
  };
}
