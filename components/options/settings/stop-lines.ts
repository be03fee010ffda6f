/** Stop strings as people type them: one a line, with `\n` for a line break. */

const written: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
const meant = new Map(Object.entries(written).map(([character, mark]) => [mark, character]));

export const toLines = (stops: readonly string[] = []): string =>
  stops.map((stop) => stop.replace(/[\n\r\t\\]/g, (character) => written[character] ?? character)).join('\n');

/** Blanks belong to a stop string; a line of nothing else is none. An escape that means nothing stays as it is typed. */
export const readLines = (typed: string): readonly string[] =>
  typed
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.replace(/\\[nrt\\]/g, (mark) => meant.get(mark) ?? mark));
