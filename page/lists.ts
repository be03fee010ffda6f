/** What arrays can do by themselves, without the methods and the iteration that a page may have replaced. */

export function each<Item>(list: readonly Item[], use: (item: Item, index: number) => void): void {
  for (let index = 0; index < list.length; index += 1) use(list[index] as Item, index);
}

export function mapped<Item, Result>(list: readonly Item[], make: (item: Item, index: number) => Result): Result[] {
  const results: Result[] = [];
  each(list, (item, index) => {
    results[index] = make(item, index);
  });
  return results;
}

export function chosen<Item>(list: readonly Item[], isChosen: (item: Item, index: number) => unknown): Item[] {
  const items: Item[] = [];
  each(list, (item, index) => {
    if (isChosen(item, index)) items[items.length] = item;
  });
  return items;
}

export const has = (list: readonly unknown[], wanted: unknown): boolean => chosen(list, (item) => item === wanted).length > 0;

export const joined = <Item>(...lists: readonly (readonly Item[])[]): Item[] => flat(lists);

export function flat<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const items: Item[] = [];
  each(lists, (list) =>
    each(list, (item) => {
      items[items.length] = item;
    }),
  );
  return items;
}

export function sumOf<Item>(list: readonly Item[], value: (item: Item) => number): number {
  let total = 0;
  each(list, (item) => {
    total += value(item);
  });
  return total;
}

/** Of an object of ours. */
export function keysOf(object: object): string[] {
  const keys: string[] = [];
  for (const key in object) keys[keys.length] = key;
  return keys;
}
