/** Which models a typed text leaves to choose from; the text itself is one more choice, for servers that list nothing or not all. */

import type { ModelInfo } from '../protocol/generate';

export interface ModelChoice {
  readonly id: string;
  /** Absent for the typed text. */
  readonly info?: ModelInfo;
}

/** A longer list is narrowed by typing, not by scrolling. */
const shownChoices = 60;

export function modelChoices(models: readonly ModelInfo[], typed: string) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = models.filter(({ id, name }) => {
    const text = `${id} ${name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const own = typed.trim();
  // Enter takes the first: who types a whole name means that one.
  found.sort((one, other) => Number(other.id === own) - Number(one.id === own));
  const shown: ModelChoice[] = found.slice(0, shownChoices).map((info) => ({ id: info.id, info }));
  const isOwn = own !== '' && !models.some(({ id }) => id === own);
  return { choices: isOwn ? [...shown, { id: own }] : shown, hidden: found.length - Math.min(found.length, shownChoices) };
}
