/** Owns the one step from a catalog row to something that answers. */

import { type Clock, createClock } from './clock';
import { createOllama } from './dialects/ollama';
import { createOnDevice } from './dialects/on-device';
import { createOpenAi } from './dialects/openai';
import { createOpenAiChat } from './dialects/openai-chat';
import { createWebuiLegacy } from './dialects/webui-legacy';
import type { CatalogRow, Dialect, Provider, ProviderContext } from './provider';

type CreateProvider = (row: CatalogRow, context: ProviderContext, clock: Clock) => Provider;

const dialects: Readonly<Record<Dialect, CreateProvider>> = {
  ollama: createOllama,
  'on-device': (_row, context) => createOnDevice(context),
  openai: createOpenAi,
  'openai-chat': createOpenAiChat,
  'webui-legacy': createWebuiLegacy,
};

/** @param clock only a test passes another one */
export const createProvider = (row: CatalogRow, context: ProviderContext, clock: Clock = createClock(context.now)): Provider =>
  dialects[row.dialect](row, context, clock);
