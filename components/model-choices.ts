/** Which models a typed text leaves to choose from, starred ones first; the text itself is one more choice, for servers that list nothing or not all. */

import type { ModelInfo } from '../protocol/generate';

export interface ModelChoice {
  readonly id: string;
  /** Absent for the typed text. */
  readonly info?: ModelInfo;
  /** Another model has the same name. */
  readonly isAmbiguous?: boolean;
}

/** @param favourites ids; those that the backend no longer lists are left out */
export function modelChoices(models: readonly ModelInfo[], typed: string, favourites: readonly string[] = []) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const own = typed.trim();
  const starred = new Set(favourites);
  // Enter takes the first: who types a whole name means that one.
  const rank = ({ id }: ModelInfo) => (id === own ? 0 : starred.has(id) ? 1 : 2);
  const found = models
    .filter(({ id, name }) => {
      const text = `${id} ${name}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((one, other) => rank(one) - rank(other));
  const names = new Set<string>();
  const twice = new Set<string>();
  for (const { name } of models) (names.has(name) ? twice : names).add(name);
  const choices: ModelChoice[] = found.map((info) => ({ id: info.id, info, isAmbiguous: twice.has(info.name) }));
  const isOwn = own !== '' && !models.some(({ id }) => id === own);
  return { choices: isOwn ? [...choices, { id: own }] : choices, found: found.length };
}
