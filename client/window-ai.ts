/**
 * The helpers of npm `window.ai` 0.2.4 under their own names: an app that imports them from there imports them from here, and nothing else of it
 * changes. For new code `getOriel` is the better way to look.
 */

import type { ChatMessage, ClassicAi, ClassicInput, MessageOutput, TextOutput } from './types';

type MaybeMedia = TextOutput | MessageOutput | { uri: string; url?: string };

interface WaitOptions {
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly timeout: number;
}
const defaultWait: WaitOptions = { interval: 100, timeout: 2400 };

const found = (): ClassicAi | undefined => {
  const { ai } = globalThis as { readonly ai?: Partial<ClassicAi> };
  return typeof ai?.generateText === 'function' ? (ai as ClassicAi) : undefined;
};

export const hasWindowAI = (): boolean => found() !== undefined;

/** @throws Error where nothing has come by then */
export async function waitForWindowAI({ interval, timeout }: WaitOptions = defaultWait): Promise<void> {
  for (let waited = 0; !hasWindowAI(); waited += interval) {
    if (waited > timeout) throw new Error('window.ai not found');
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

/** @throws Error where nothing has come by then */
export async function getWindowAI(options?: WaitOptions): Promise<ClassicAi> {
  await waitForWindowAI(options);
  return found() as ClassicAi;
}

export const VALID_DOMAIN = 'https://windowai.io';

/** The ids that old apps name. None of these models can be had any more: whoever the person chose answers. */
export const ModelID = {
  Shap_e: 'openai/shap-e',
  GPT_3: 'openai/gpt-3.5-turbo',
  GPT_3_16k: 'openai/gpt-3.5-turbo-16k',
  GPT_4: 'openai/gpt-4',
  GPT_4_32k: 'openai/gpt-4-32k',
  Claude_Instant_V1: 'anthropic/claude-instant-v1',
  Claude_Instant_V1_100k: 'anthropic/claude-instant-v1-100k',
  Claude_V1: 'anthropic/claude-v1',
  Claude_V1_100k: 'anthropic/claude-v1-100k',
  Palm_Chat_Bison: 'google/palm-2-chat-bison',
  Palm_Code_Chat_Bison: 'google/palm-2-codechat-bison',
  Together: 'togethercomputer/GPT-NeoXT-Chat-Base-20B',
  Cohere: 'cohere/command-nightly',
} as const;
export type ModelID = (typeof ModelID)[keyof typeof ModelID];

const renamed: Readonly<Record<string, ModelID>> = {
  'openai/gpt3.5': ModelID.GPT_3,
  'openai/gpt4': ModelID.GPT_4,
  'together/gpt-neoxt-20B': ModelID.Together,
  'cohere/xlarge': ModelID.Cohere,
};

/** Undefined for an id that is not one of the old list. */
export const parseModelID = (rawModelId: string): ModelID | undefined =>
  Object.hasOwn(renamed, rawModelId) ? renamed[rawModelId] : Object.values(ModelID).find((id) => id === rawModelId);

export const ErrorCode = {
  NotAuthenticated: 'NOT_AUTHENTICATED',
  PermissionDenied: 'PERMISSION_DENIED',
  RequestNotFound: 'REQUEST_NOT_FOUND',
  InvalidRequest: 'INVALID_REQUEST',
  PaymentRequired: 'PAYMENT_REQUIRED',
  ModelRejectedRequest: 'MODEL_REJECTED_REQUEST',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** As the original has it: `MODEL_REJECTED_REQUEST` comes with more text, and is then not one of them. */
export const isKnownError = (error: string): error is ErrorCode => Object.values(ErrorCode).some((code) => code === error);

export const EventType = { ModelChanged: 'model_changed', Error: 'error' } as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

export const isPromptInput = (input: ClassicInput): input is Extract<ClassicInput, { readonly prompt: string }> =>
  'prompt' in input;
export const isMessagesInput = (
  input: ClassicInput,
): input is Extract<ClassicInput, { readonly messages: readonly ChatMessage[] }> => 'messages' in input;

export const isTextOutput = (output: MaybeMedia): output is TextOutput => 'text' in output;
export const isMessageOutput = (output: MaybeMedia): output is MessageOutput => 'message' in output;
export const isMediaOutput = (output: MaybeMedia): output is { uri: string; url?: string } => 'uri' in output;
export const isMediaHosted = (output: { uri: string; url?: string }): boolean => Boolean(output.url);

export const isCompletionOptions = (options: object): boolean =>
  ['temperature', 'maxTokens', 'stopSequences'].some((name) => name in options);

export const MediaExtension = { PLY: 'ply' } as const;
export type MediaExtension = (typeof MediaExtension)[keyof typeof MediaExtension];
export const isMediaExtension = (extension: string): extension is MediaExtension =>
  Object.values(MediaExtension).some((known) => known === extension);
