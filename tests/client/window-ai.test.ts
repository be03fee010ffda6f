import { afterEach, expect, test } from 'vitest';
import {
  ErrorCode,
  EventType,
  getWindowAI,
  hasWindowAI,
  isCompletionOptions,
  isKnownError,
  isMediaExtension,
  isMediaHosted,
  isMediaOutput,
  isMessageOutput,
  isMessagesInput,
  isPromptInput,
  isTextOutput,
  ModelID,
  parseModelID,
  VALID_DOMAIN,
  waitForWindowAI,
} from '../../client/window-ai';

afterEach(() => Reflect.deleteProperty(globalThis, 'ai'));
const put = (ai: unknown) => Object.defineProperty(globalThis, 'ai', { value: ai, configurable: true });
const some = { generateText: async () => [] };

test('window.ai is found where it has generateText', async () => {
  expect(hasWindowAI()).toBe(false);
  put({});
  expect(hasWindowAI()).toBe(false);
  put(some);
  expect(hasWindowAI()).toBe(true);
  expect(await getWindowAI()).toBe(some);
});

test('it is waited for, and given up on after the time that is said', async () => {
  setTimeout(() => put(some), 20);
  expect(await getWindowAI({ interval: 5, timeout: 1000 })).toBe(some);
  put(undefined);
  await expect(waitForWindowAI({ interval: 2, timeout: 6 })).rejects.toThrow('window.ai not found');
});

test('old ids are known under their old and their older names, and no others', () => {
  expect(parseModelID('openai/gpt-4')).toBe(ModelID.GPT_4);
  expect(parseModelID('openai/gpt4')).toBe(ModelID.GPT_4);
  expect(parseModelID('together/gpt-neoxt-20B')).toBe(ModelID.Together);
  for (const id of ['local', 'constructor', '']) expect(parseModelID(id)).toBeUndefined();
});

test('the guards tell kinds apart', () => {
  expect([isTextOutput({ text: '' }), isMessageOutput({ text: '' }), isMediaOutput({ uri: 'x' })]).toEqual([true, false, true]);
  expect([isMediaHosted({ uri: 'x' }), isMediaHosted({ uri: 'x', url: 'y' })]).toEqual([false, true]);
  expect([isPromptInput({ prompt: '' }), isMessagesInput({ messages: [] })]).toEqual([true, true]);
  expect([isCompletionOptions({ model: 'x' }), isCompletionOptions({ temperature: 0 })]).toEqual([false, true]);
  expect([isMediaExtension('ply'), isMediaExtension('obj')]).toEqual([true, false]);
});

test('the words are the original’s', () => {
  expect([ErrorCode.PermissionDenied, EventType.ModelChanged, VALID_DOMAIN]).toEqual([
    'PERMISSION_DENIED',
    'model_changed',
    'https://windowai.io',
  ]);
  expect([isKnownError('PERMISSION_DENIED'), isKnownError('MODEL_REJECTED_REQUEST: 400: no')]).toEqual([true, false]);
});
