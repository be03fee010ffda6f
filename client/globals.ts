/** Types for a page that uses the globals themselves: `import type {} from 'oriel-client/globals'` and `window.ai` is known. */

import type { Oriel } from './types';

declare global {
  interface Window {
    /** Absent where the visitor does not have Oriel, and something else's where the browser or another extension was first. */
    readonly ai?: Oriel;
  }
}
