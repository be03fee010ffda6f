/** A sentence of the locale with elements in its places, so that word order stays the translator's. */

import type { ComponentChildren } from 'preact';

const edge = '\uE000';

/** Stands for the element of this name while the sentence is looked up. */
export const slot = (name: string): string => `${edge}${name}${edge}`;

interface PhraseProps {
  readonly text: string;
  readonly slots: Readonly<Record<string, ComponentChildren>>;
}

export function Phrase({ text, slots }: PhraseProps) {
  return <>{text.split(edge).map((piece, index) => (index % 2 === 0 ? piece : slots[piece]))}</>;
}
