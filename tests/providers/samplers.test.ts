import { describe, expect, test } from 'vitest';
import type { GenerateRequest } from '../../protocol/generate';
import { commonSamplers, engineSamplers, isNeutral } from '../../protocol/model-settings';
import { catalog } from '../../providers/catalog';
import { buildClaudeRequest } from '../../providers/dialects/anthropic-request';
import { rulesOf as claudeRules } from '../../providers/dialects/anthropic-rules';
import { buildGeminiRequest } from '../../providers/dialects/gemini-request';
import { buildStory } from '../../providers/dialects/novelai-story';
import { buildChatRequest } from '../../providers/dialects/openai-chat-request';
import { buildResponsesRequest } from '../../providers/dialects/openai-responses-request';
import { lostSamplers, toWireSamplers } from '../../providers/samplers';
import { ask } from './replay';

/** Everything off, as a preset file of a front end says it. */
const atRest: Partial<GenerateRequest> = {
  temperature: 1,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  samplers: {
    typicalP: 1,
    topA: 0,
    tfs: 1,
    topNSigma: -1,
    repetitionRange: 1024,
    repetitionSlope: 0,
    mirostatMode: 0,
    mirostatTau: 5,
    mirostatEta: 0.1,
    dryMultiplier: 0,
    dryBase: 1.75,
    dryAllowedLength: 2,
    dryRange: 0,
    xtcThreshold: 0.1,
    xtcProbability: 0,
    dynatempRange: 0,
    dynatempExponent: 1.4,
    smoothingFactor: 0,
    smoothingCurve: 1.5,
    epsilonCutoff: 0,
    etaCutoff: 0,
  },
};
const chatRows = catalog.filter(({ dialect }) => dialect === 'openai-chat' || dialect === 'openai');

test('a backend without any sampler has lost nothing of what was off anyway', () => {
  expect(lostSamplers(ask('Hi', atRest), () => false)).toEqual([]);
  expect(toWireSamplers(ask('Hi', atRest), {}).warnings).toEqual([]);
});

test('what is off is still said where it can be said, since the backend’s own default may be another', () => {
  const names = { topP: 'top_p', topK: 'top_k', minP: 'min_p' };
  expect(toWireSamplers(ask('Hi', atRest), names)).toEqual({ fields: { top_p: 1, top_k: 0, min_p: 0 }, warnings: [] });
});

test('one step away from off it is missed', () => {
  const steps = [...commonSamplers, ...engineSamplers].filter((name) => {
    const request: GenerateRequest = ask(
      'Hi',
      commonSamplers.some((one) => one === name) ? { [name]: 0.77 } : { samplers: { [name]: 0.77 } },
    );
    return !lostSamplers(request, () => false).includes(name);
  });
  expect(steps).toEqual([]);
});

test('a part of a sampler is missed with the whole', () => {
  expect(isNeutral('mirostatTau', { mirostatMode: 2, mirostatTau: 5 })).toBe(false);
  expect(isNeutral('dryBase', { dryBase: 1.75 })).toBe(false);
  expect(isNeutral('dryBase', { dryMultiplier: 0, dryBase: 1.75 })).toBe(true);
  expect(isNeutral('seed', { seed: 0 })).toBe(false);
});

test.each(chatRows.map((row) => [row.id, row] as const))('%s warns of nothing that is off', (_id, row) => {
  for (const model of ['m', 'gpt-6.1-sol', 'grok-4.3', 'deepseek-flash'])
    expect(buildChatRequest(ask('Hi', { ...atRest, model }), row.quirks).warnings, model).toEqual([]);
});

test('OpenAI’s other API warns of nothing that is off', () => {
  expect(buildResponsesRequest(ask('Hi', { ...atRest, model: 'gpt-6.1-sol' })).warnings).toEqual([]);
});

describe('where the API refuses the value that is "off" elsewhere, it is left out', () => {
  test.each(['claude-3-opus', 'claude-haiku-4-5', 'claude-opus-5'])('%s', (model) => {
    const { body, warnings } = buildClaudeRequest(ask('Hi', { ...atRest, model }), claudeRules(model, false));
    expect(warnings).toEqual([]);
    expect(body).not.toHaveProperty('top_k');
  });

  test.each(['gemini-2.0-flash', 'gemini-2.5-pro', 'gemini-3.6-flash'])('%s', (model) => {
    const { body, warnings } = buildGeminiRequest(ask('Hi', { ...atRest, model }));
    expect(warnings).toEqual([]);
    expect(body.generationConfig ?? {}).not.toHaveProperty('topK');
  });

  test('NovelAI’s storytellers', async () => {
    const { body, warnings } = await buildStory(ask('Hi', { ...atRest, model: 'kayra-v1' }), {});
    expect(warnings).toEqual([]);
    const { temperature, order, ...rest } = body.parameters as Record<string, unknown>;
    expect({ temperature, order }).toEqual({ temperature: 1, order: [0] });
    expect(Object.keys(rest).filter((name) => /top|typical|tail|min_p|repetition|mirostat/.test(name))).toEqual([]);
  });
});

test('a temperature that a model of Claude’s cannot have is missed, however high it was', () => {
  const model = 'claude-opus-5';
  const { warnings } = buildClaudeRequest(ask('Hi', { temperature: 1.7, model }), claudeRules(model, false));
  expect(warnings).toEqual([{ type: 'parameter-dropped', parameter: 'temperature' }]);
});
