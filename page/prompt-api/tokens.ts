/**
 * How large something is for a session: one deterministic sum over its parts, without overhead, so that what was measured is what it
 * takes. No backend is asked; what it counts for itself is between it and the person.
 */

import type { Part } from '../../protocol/generate';
import { tokensOfText } from '../../protocol/token-estimate';

/** About what models take for a picture of usual size, or for ten seconds of speech. */
export const mediaTokens = 256;

export function tokensOfPart(part: Part): number {
  switch (part.type) {
    case 'text':
      return tokensOfText(part.text);
    case 'tool-call':
      return tokensOfText(part.name + part.arguments);
    case 'tool-result':
      return tokensOfText(part.result);
    default:
      return mediaTokens;
  }
}
