/** The names of the files of a model that comes in several: `NAME-00001-of-00003.gguf`, as llama.cpp's gguf-split writes them. */

const partName = /^(.*)-(\d{5})-of-(\d{5})(\.gguf)$/i;
/** The engine addresses its memory with 32 bits: what comes in more does not fit. */
export const mostParts = 64;

/** The names of all parts in their order, and that of the whole; undefined where this is no part of several. */
export function partsOf(name: string): { readonly whole: string; readonly names: readonly string[] } | undefined {
  const [, stem = '', , total, ending = ''] = partName.exec(name) ?? [];
  const count = Number(total);
  if (!(count > 1 && count <= mostParts)) return undefined;
  const digits = (number: number) => String(number).padStart(5, '0');
  const names = Array.from({ length: count }, (_, index) => `${stem}-${digits(index + 1)}-of-${digits(count)}${ending}`);
  return names.includes(name) ? { whole: `${stem}${ending}`, names } : undefined;
}
