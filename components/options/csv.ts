/** Tables as comma-separated values (RFC 4180). */

type Cell = string | number | boolean | undefined;

/** A spreadsheet runs what begins like a formula; names of models and sites come from outside. */
const startsFormula = /^[=+\-@\t\r]/;

function cellText(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = startsFormula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Of rows with the same fields, whose names are the first line. What is unknown stays empty. */
export function csvOf<Name extends string>(names: readonly Name[], rows: readonly Readonly<Record<Name, Cell>>[]): string {
  const lines = rows.map((row) => names.map((name) => cellText(row[name])).join(','));
  return `${[names.join(','), ...lines].join('\r\n')}\r\n`;
}
