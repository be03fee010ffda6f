/** Owns the choice of a chat template where the person made none: by what the server shows of its own template, else by the model's name. */

import type { TemplateId } from '../../protocol/model-settings';

type Rule = readonly [pattern: RegExp, template: TemplateId];

/** Marks that only one family writes (backends/local.md §9.3), the more telling ones first. */
const marks: readonly Rule[] = [
  [/<\|im_start\|>/, 'chatml'],
  [/<\|start_header_id\|>/, 'llama-3'],
  [/<<SYS>>/, 'llama-2'],
  [/\[SYSTEM_PROMPT\]/, 'mistral-v7'],
  [/\[INST\]/, 'mistral-v3'],
  [/<start_of_turn>/, 'gemma'],
  [/<\|turn>/, 'gemma-4'],
  [/<\|START_OF_TURN_TOKEN\|>/, 'command-r'],
  [/GPT4 Correct/, 'openchat'],
  [/<\|end\|>/, 'phi-3'],
  [/<｜end▁of▁sentence｜>/, 'deepseek-v2'],
];

/** Dated: November 2026. Fine-tunes come before the families that they were tuned from. */
const names: readonly Rule[] = [
  [/fimbulvetr|mythomax|alpaca|nous-hermes-llama2|erebus|tiefighter/, 'alpaca'],
  [/pygmalion-6b/, 'pygmalion'],
  [/pygmalion|mythalion|metharme/, 'metharme'],
  [/vicuna|wizardlm-13b|airoboros/, 'vicuna'],
  [/qwen|hermes|dolphin|chatml|\byi-|smollm/, 'chatml'],
  [/llama-?3|stheno|lunaris/, 'llama-3'],
  [/llama-?2/, 'llama-2'],
  [/nemo|tekken|pixtral|ministral/, 'mistral-tekken'],
  [/mixtral|mistral-7b-instruct-v0\.[12]/, 'mistral-v1'],
  [/mistral/, 'mistral-v3'],
  [/gemma-?4/, 'gemma-4'],
  [/gemma/, 'gemma'],
  [/phi-3|phi-4-mini/, 'phi-3'],
  [/zephyr/, 'zephyr'],
  [/command-r|\baya/, 'command-r'],
  [/openchat|starling/, 'openchat'],
  [/deepseek-coder/, 'deepseek-coder'],
  [/deepseek/, 'deepseek-v2'],
  [/\bglm/, 'glm'],
  [/instruct/, 'alpaca'],
];

const firstMatch = (rules: readonly Rule[], text: string) => rules.find(([pattern]) => pattern.test(text))?.[1];

/** The family of a template in the server's own language (Jinja, Go); undefined for one that is unknown. */
export const recognizeTemplate = (source: string): TemplateId | undefined => firstMatch(marks, source);

/**
 * @param chosen by the person, which decides
 * @param source the server's own template, where it shows one
 */
export const chooseTemplate = (model: string, chosen?: TemplateId, source?: string): TemplateId =>
  chosen ?? recognizeTemplate(source ?? '') ?? firstMatch(names, model.toLowerCase()) ?? 'plain';
