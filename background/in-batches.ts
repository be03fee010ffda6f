/** Does at once what was asked for while the one before it was done: a database takes as long to write one row as fifty. */

/**
 * The batches follow one another, and each holds what came in its order.
 * @param run of a batch, all or nothing. Where it fails for several, each of them is tried by itself
 */
export function inBatches<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  let waiting: { readonly items: Item[]; readonly results: Promise<readonly Result[]> } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const begin = () => {
    const items: Item[] = [];
    const start = () => {
      waiting = undefined;
      return run(items);
    };
    const results = last.then(start, start);
    last = results;
    return { items, results };
  };

  return async (item) => {
    waiting ??= begin();
    const { items, results } = waiting;
    const at = items.push(item) - 1;
    try {
      return (await results)[at] as Result;
    } catch (error) {
      if (items.length === 1) throw error;
      return (await run([item]))[0] as Result;
    }
  };
}
