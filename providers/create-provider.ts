/** Owns the one step from a catalog row to something that answers. */

import { type Clock, createClock } from './clock';
import { createAiHorde } from './dialects/ai-horde';
import { createAnthropicMessages } from './dialects/anthropic-messages';
import { createBrowserModel } from './dialects/browser-model';
import { createGemini } from './dialects/gemini';
import { createKoboldAi } from './dialects/koboldai';
import { createKoboldCpp } from './dialects/koboldcpp';
import { createNovelAi } from './dialects/novelai';
import { createOllama } from './dialects/ollama';
import { createOnDevice } from './dialects/on-device';
import { createOpenAi } from './dialects/openai';
import { createOpenAiChat } from './dialects/openai-chat';
import { createWebuiLegacy } from './dialects/webui-legacy';
import type { CatalogRow, Dialect, Provider, ProviderContext } from './provider';

type CreateDialect = (row: CatalogRow, context: ProviderContext, clock: Clock) => Provider;

const dialects: Readonly<Record<Dialect, CreateDialect>> = {
  'ai-horde': createAiHorde,
  'anthropic-messages': createAnthropicMessages,
  'browser-model': (_row, context) => createBrowserModel(context),
  gemini: createGemini,
  novelai: createNovelAi,
  ollama: createOllama,
  koboldai: createKoboldAi,
  koboldcpp: createKoboldCpp,
  'on-device': (_row, context) => createOnDevice(context),
  openai: createOpenAi,
  'openai-chat': createOpenAiChat,
  'webui-legacy': createWebuiLegacy,
};

/** @param clock only a test passes another one */
export const createProvider = (row: CatalogRow, context: ProviderContext, clock: Clock = createClock(context.now)): Provider =>
  dialects[row.dialect](row, context, clock);

export type CreateProvider = typeof createProvider;
