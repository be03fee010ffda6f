/** Vectors of a fake wallet: no model, but the same text always has the same one, and texts that share words are nearer than those that share none. */

const dimensions = 16;

/** Of length 1, as those of embedding models are. An empty text has all zeros. */
export function vectorOf(text: string, length = dimensions): readonly number[] {
  const vector = new Array<number>(length).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const place = hash(word) % length;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  const size = Math.hypot(...vector) || 1;
  return vector.map((value) => value / size);
}

function hash(word: string): number {
  let value = 0;
  for (const char of word) value = (value * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return value;
}
