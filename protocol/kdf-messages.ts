/** What a page of Oriel and its key worker say to each other. The passphrase goes no further than that worker. */

import type { KdfParameters } from './kdf-parameters';

export type KdfCall =
  | { readonly type: 'derive'; readonly passphrase: string; readonly parameters: KdfParameters }
  | { readonly type: 'create'; readonly passphrase: string };

export type KdfAnswer =
  | { readonly type: 'key'; readonly key: string; readonly parameters: KdfParameters }
  | { readonly type: 'failed' };
