/** Owns which of OpenRouter's choices among its providers a person can make. */

import type { VendorField } from '../provider';

/** In the names of `options.vendor`; the wire's are in `dialects/openrouter-routing.ts`. */
export const routingOptions: readonly VendorField[] = [
  { type: 'flag', name: 'denyDataCollection' },
  { type: 'flag', name: 'zeroDataRetention' },
  { type: 'choice', name: 'sort', values: ['price', 'throughput', 'latency'] },
  { type: 'list', name: 'onlyProviders' },
  { type: 'list', name: 'ignoredProviders' },
];
