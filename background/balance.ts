/** What an account may still spend, asked for beside a test: it never fails one. */

import type { Balance } from '../protocol/generate';
import { limits } from '../protocol/limits';
import type { Provider } from '../providers/provider';

/** Undefined where the backend does not tell. */
export async function readBalance(provider: Provider): Promise<Balance | undefined> {
  try {
    return await provider.status?.(AbortSignal.timeout(limits.probeTimeout));
  } catch {
    // The connection works all the same.
    return undefined;
  }
}
