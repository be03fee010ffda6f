/** Owns the one step from a catalog row to something that answers. */

import { type Clock, createClock } from './clock';
import { createAnthropicMessages } from './dialects/anthropic-messages';
import { createGemini } from './dialects/gemini';
import { createOnDevice } from './dialects/on-device';
import { createOpenAiChat } from './dialects/openai-chat';
import type { CatalogRow, Dialect, Provider, ProviderContext } from './provider';

type CreateProvider = (row: CatalogRow, context: ProviderContext, clock: Clock) => Provider;

const dialects: Readonly<Record<Dialect, CreateProvider>> = {
  'anthropic-messages': createAnthropicMessages,
  gemini: createGemini,
  'on-device': (_row, context) => createOnDevice(context),
  'openai-chat': createOpenAiChat,
};

/** @param clock only a test passes another one */
export const createProvider = (row: CatalogRow, context: ProviderContext, clock: Clock = createClock(context.now)): Provider =>
  dialects[row.dialect](row, context, clock);
