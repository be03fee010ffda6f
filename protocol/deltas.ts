/** Owns the joining of text that came in pieces: every part costs something in each context that it passes, however short it is. */

import type { StreamPart } from './generate';

/** Adds a part to those before it; a delta of the same kind and output as the last is joined to it. */
export function addPart(parts: StreamPart[], part: StreamPart): void {
  const last = parts.at(-1);
  const joins =
    last &&
    (part.type === 'text-delta' || part.type === 'reasoning-delta') &&
    last.type === part.type &&
    last.output === part.output;
  if (joins) parts[parts.length - 1] = { ...last, text: last.text + part.text };
  else parts.push(part);
}
