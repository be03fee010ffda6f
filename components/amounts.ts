/** Amounts as people type them. */

/** A whole count of parts; 0 where nothing is typed, undefined where it is no amount. */
export function readAmount(typed: string, partsOfOne: number): number | undefined {
  const plain = typed.replace(/[\s$]/g, '');
  if (plain === '') return 0;
  // A comma before three digits groups thousands; any other stands for the point.
  const number = plain.replace(/,(?=\d{3}(\D|$))/g, '').replace(',', '.');
  if (!/^\d*\.?\d*$/.test(number) || number === '.') return undefined;
  const parts = Math.round(Number(number) * partsOfOne);
  return Number.isSafeInteger(parts) && parts <= 1e12 ? parts : undefined;
}
