/** The names of the chat templates, as the field has them: names, not words, so they are no matter of language. */

import type { TemplateId } from '../../../protocol/model-settings';

export const templateText: Readonly<Record<TemplateId, string>> = {
  plain: 'User / Assistant',
  chatml: 'ChatML',
  alpaca: 'Alpaca',
  vicuna: 'Vicuna 1.1',
  'orca-vicuna': 'Orca-Vicuna',
  'vicuna-1.0': 'Vicuna 1.0',
  'llama-2': 'Llama 2',
  'llama-3': 'Llama 3',
  'mistral-v1': 'Mistral v1',
  'mistral-v3': 'Mistral v2, v3',
  'mistral-tekken': 'Mistral v3 Tekken',
  'mistral-v7': 'Mistral v7',
  gemma: 'Gemma 1–3',
  'gemma-4': 'Gemma 4',
  metharme: 'Metharme, Pygmalion 2',
  pygmalion: 'Pygmalion 6B',
  'phi-3': 'Phi-3',
  zephyr: 'Zephyr',
  'command-r': 'Command R',
  openchat: 'OpenChat',
  'deepseek-coder': 'DeepSeek Coder',
  'deepseek-v2': 'DeepSeek V2',
  glm: 'GLM-4',
};
