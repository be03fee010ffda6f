/** Names of the folders in which model files lie. */

/** A folder's name made of a model's, which no other model has. */
export function newModelId(name: string, taken: readonly string[]): string {
  const stem = name
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  const plain = stem || 'model';
  let id = plain;
  for (let number = 2; taken.includes(id); number += 1) id = `${plain}-${number}`;
  return id;
}
