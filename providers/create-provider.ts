/** Owns the one step from a catalog row to something that answers. */

import { assertNever } from '../protocol/assert-never';
import { type Clock, createClock } from './clock';
import { createOnDevice } from './dialects/on-device';
import { createOpenAiChat } from './dialects/openai-chat';
import type { CatalogRow, Provider, ProviderContext } from './provider';

/** @param clock only a test passes another one */
export function createProvider(row: CatalogRow, context: ProviderContext, clock: Clock = createClock(context.now)): Provider {
  switch (row.dialect) {
    case 'openai-chat':
      return createOpenAiChat(row, context, clock);
    case 'on-device':
      return createOnDevice(context);
    default:
      return assertNever(row.dialect);
  }
}
