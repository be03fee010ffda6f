/** Turns a passphrase into a key, in a worker of this page. Only the key goes to the background; the passphrase stays here. */

import { AiError } from '../protocol/errors';
import type { KdfAnswer, KdfCall } from '../protocol/kdf-messages';
import type { KdfParameters } from '../protocol/kdf-parameters';

export interface Passphrases {
  derive(passphrase: string, parameters: KdfParameters): Promise<string>;
  /** A key with a salt of its own, for a new passphrase. */
  create(passphrase: string): Promise<{ readonly key: string; readonly parameters: KdfParameters }>;
}

export function createPassphrases(openWorker: () => Worker): Passphrases {
  /** A worker a call: its memory, passphrase and key included, goes with it. */
  const ask = (call: KdfCall) =>
    new Promise<Extract<KdfAnswer, { type: 'key' }>>((resolve, reject) => {
      const worker = openWorker();
      const fail = () => {
        worker.terminate();
        reject(new AiError('unknown', 'The key could not be derived.'));
      };
      worker.addEventListener('error', fail);
      worker.addEventListener('message', ({ data }: MessageEvent<KdfAnswer>) => {
        if (data.type !== 'key') return fail();
        worker.terminate();
        resolve(data);
      });
      worker.postMessage(call);
    });

  return {
    derive: async (passphrase, parameters) => (await ask({ type: 'derive', passphrase, parameters })).key,
    async create(passphrase) {
      const { key, parameters } = await ask({ type: 'create', passphrase });
      return { key, parameters };
    },
  };
}
