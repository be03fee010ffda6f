/** Reads which part of a file a server sends (RFC 9110, sections 14 and 15.3.7). */

export interface SentRange {
  /** Where the body starts in the file. */
  readonly start: number;
  /** How long the whole file is; absent where the server does not tell. */
  readonly total: number | undefined;
  /** For the next request's `If-Range`: a strong entity tag, or else nothing. */
  readonly validator: string | undefined;
}

/**
 * What a response brings to a request for everything from byte `asked` on; undefined where that is not it. A server that knows no ranges, or has
 * another version of the file by now, sends all of it.
 */
export function readRange(response: Response, asked: number): SentRange | undefined {
  const tag = response.headers.get('etag');
  const validator = tag?.startsWith('"') ? tag : undefined;
  if (response.status === 200) return { start: 0, total: countOf(response.headers.get('content-length')), validator };
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (response.status !== 206 || !range || Number(range[1]) !== asked) return undefined;
  return { start: asked, total: countOf(range[2]), validator };
}

function countOf(text: string | null | undefined): number | undefined {
  const count = Number(text || Number.NaN);
  return Number.isSafeInteger(count) ? count : undefined;
}
