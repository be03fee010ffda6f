/** How many lines a box for text shows: as many as the text takes, within bounds. */

/** Lines wrap after about so many letters. */
const letters = 48;

export function rowsOf(text: string, least: number, most: number): number {
  const lines = text.split('\n').reduce((count, line) => count + Math.max(1, Math.ceil(line.length / letters)), 0);
  return Math.min(most, Math.max(least, lines));
}
