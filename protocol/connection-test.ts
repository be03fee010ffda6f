/** What a connection's test says to the person. */

import type { PersonError } from './errors';
import type { Balance, ModelInfo } from './generate';

export type ConnectionTest =
  | {
      readonly type: 'connected';
      readonly models: readonly ModelInfo[];
      readonly balance?: Balance | undefined;
      /** The chosen model, where the list does not name it. A list may be partial: this is no failure. */
      readonly unlistedModel?: string | undefined;
    }
  | { readonly type: 'failed'; readonly error: PersonError };
