import { expect, test } from 'vitest';
import { templateIds } from '../../../protocol/model-settings';
import { chatTemplates } from '../../../providers/templates/chat-templates';
import { chooseTemplate, recognizeTemplate } from '../../../providers/templates/choose-template';

test.each([
  ['koboldcpp/Qwen3-8B-Q4_K_M', 'chatml'],
  ['NousResearch/Hermes-3-Llama-3.1-8B', 'chatml'],
  ['SmolLM2-135M-Instruct', 'chatml'],
  ['L3-8B-Stheno-v3.2', 'llama-3'],
  ['Meta-Llama-3-8B-Instruct', 'llama-3'],
  ['Llama-2-13B-chat', 'llama-2'],
  ['MythoMax-L2-13b', 'alpaca'],
  ['koboldcpp/Fimbulvetr-11B-v2', 'alpaca'],
  ['Mistral-Nemo-Instruct-2407', 'mistral-tekken'],
  ['Mixtral-8x7B-Instruct-v0.1', 'mistral-v1'],
  ['Mistral-7B-Instruct-v0.3', 'mistral-v3'],
  ['gemma-4-9b-it', 'gemma-4'],
  ['gemma-2-9b-it', 'gemma'],
  ['PygmalionAI/pygmalion-6b', 'pygmalion'],
  ['PygmalionAI/pygmalion-2-13b', 'metharme'],
  ['vicuna-13b-v1.5', 'vicuna'],
  ['Phi-3-mini-4k-instruct', 'phi-3'],
  ['c4ai-command-r-v01', 'command-r'],
  ['glm-4-6', 'glm'],
  ['some-instruct-model', 'alpaca'],
  ['KoboldAI/OPT-2.7B-Erebus', 'alpaca'],
  ['gpt2-medium', 'plain'],
])('%s is written to as %s', (model, template) => {
  expect(chooseTemplate(model)).toBe(template);
});

test('the person’s choice comes first, then the server’s own template, then the name', () => {
  expect(chooseTemplate('Qwen3-8B', 'vicuna', '<|im_start|>')).toBe('vicuna');
  expect(chooseTemplate('Qwen3-8B', undefined, '{{ bos }}<start_of_turn>')).toBe('gemma');
  expect(chooseTemplate('Qwen3-8B', undefined, 'nothing known')).toBe('chatml');
});

test('each template’s own marks are recognized as it, or as its family', () => {
  const families: Partial<Record<string, string>> = {
    'mistral-v1': 'mistral-v3',
    'mistral-tekken': 'mistral-v3',
    glm: undefined,
  };
  for (const id of templateIds) {
    const { system, user, assistant } = chatTemplates[id];
    const found = recognizeTemplate([system, user, assistant].map(({ before, after }) => before + after).join('x'));
    if (found !== undefined) expect(found).toBe(id in families ? families[id] : id);
  }
});
