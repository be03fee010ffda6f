/** Medians, tails, and how far apart two equal runs may lie by chance alone. */

/** @param share of the values that lie below, 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const p99 = (values: readonly number[]): number => quantile(values, 0.99);

/**
 * What 95 % of pairs of equal runs differ by in their medians at most, drawn again and again from these runs of equal browsers (bootstrap): each
 * of a pair is one of them and a draw of its samples, since two browsers with the same extension differ by more than the loads of one tell.
 */
export function noiseOf(runs: readonly (readonly number[])[], draws = 2000): number {
  const oneOf = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)] as Item;
  const draw = () => {
    const run = oneOf(runs);
    return median(run.map(() => oneOf(run)));
  };
  const differences = Array.from({ length: draws }, () => Math.abs(draw() - draw()));
  return quantile(differences, 0.95);
}
