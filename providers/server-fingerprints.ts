/** By what a server shows, without a key, which it is (backends/local.md 1.3). Only of those whose own wire format Oriel prefers. Dated: November 2026. */

import * as v from 'valibot';

/** A GET below the server's address: its JSON, undefined where none comes. */
export type Get = (path: string) => Promise<unknown>;

export interface Fingerprint {
  /** The row under which it is connected. */
  readonly providerId: string;
  readonly matches: (get: Get) => Promise<boolean>;
}

const koboldCpp = v.object({ result: v.literal('KoboldCpp'), version: v.optional(v.string()) });
const koboldAi = v.object({ result: v.pipe(v.string(), v.regex(/^1\.\d+\.\d+$/)) });

/** In this order: KoboldCPP answers to KoboldAI's questions too. */
export const fingerprints: readonly Fingerprint[] = [
  {
    providerId: 'koboldcpp',
    async matches(get) {
      const version = v.safeParse(koboldCpp, await get('/api/extra/version'));
      if (!version.success) return false;
      // TabbyAPI calls itself this very version of KoboldCPP for the sake of Kobold clients.
      if (version.output.version !== '1.74') return true;
      const info = await get('/.well-known/serviceinfo');
      return !JSON.stringify(info ?? '').includes('TabbyAPI');
    },
  },
  {
    providerId: 'koboldai',
    async matches(get) {
      if (!v.is(koboldAi, await get('/api/v1/info/version'))) return false;
      return (await get('/api/extra/version')) === undefined;
    },
  },
];
