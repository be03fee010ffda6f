/** Chat templates: how a chat is written down for a backend that only continues text. Data of November 2026 (backends/local.md §9); none writes the BOS token, which the servers add. */

import type { TemplateId } from '../../protocol/model-settings';

interface Turn {
  readonly before: string;
  readonly after: string;
}

export interface ChatTemplate {
  /** Where the format has no turn for the system: `first-user` or `last-user` puts it, so wrapped, before that user's words. */
  readonly system: Turn & { readonly place: 'own-turn' | 'first-user' | 'last-user' };
  readonly user: Turn;
  readonly assistant: Turn;
  /** Opens the answer; nothing where the end of the user's turn does. */
  readonly generation: string;
  /** What ends a turn, and what would begin the person's next one. */
  readonly stop: readonly string[];
}

const turn = (before: string, after: string): Turn => ({ before, after });
const ownTurn = (before: string, after: string): ChatTemplate['system'] => ({ ...turn(before, after), place: 'own-turn' });
const inUser = (place: 'first-user' | 'last-user', before: string, after: string): ChatTemplate['system'] => ({
  ...turn(before, after),
  place,
});
const mistral = (user: Turn, assistant: Turn, system: ChatTemplate['system']): ChatTemplate => ({
  system,
  user,
  assistant,
  generation: '',
  stop: ['</s>', '[INST]'],
});
/** Formats whose roles differ by their name only. */
const tagged = (
  tag: (role: string) => string,
  end: string,
  model: string,
  stop: readonly string[] = [end.trim()],
): ChatTemplate => ({
  system: ownTurn(tag('system'), end),
  user: turn(tag('user'), end),
  assistant: turn(tag(model), end),
  generation: tag(model),
  stop,
});

export const chatTemplates: Readonly<Record<TemplateId, ChatTemplate>> = {
  plain: {
    system: ownTurn('', '\n\n'),
    user: turn('User: ', '\n'),
    assistant: turn('Assistant: ', '\n'),
    generation: 'Assistant:',
    stop: ['\nUser:'],
  },
  chatml: tagged((role) => `<|im_start|>${role}\n`, '<|im_end|>\n', 'assistant'),
  alpaca: {
    system: ownTurn('', '\n\n'),
    user: turn('### Instruction:\n', '\n\n'),
    assistant: turn('### Response:\n', '\n\n'),
    generation: '### Response:\n',
    stop: ['### Instruction:', '\n### '],
  },
  vicuna: {
    system: ownTurn('', '\n\n'),
    user: turn('USER: ', '\n'),
    assistant: turn('ASSISTANT: ', '</s>\n'),
    generation: 'ASSISTANT:',
    stop: ['</s>', '\nUSER:'],
  },
  'orca-vicuna': {
    system: ownTurn('SYSTEM: ', '\n'),
    user: turn('USER: ', '\n'),
    assistant: turn('ASSISTANT: ', '</s>\n'),
    generation: 'ASSISTANT:',
    stop: ['</s>', '\nUSER:'],
  },
  'vicuna-1.0': {
    system: ownTurn('', '\n'),
    user: turn('### Human:\n', '\n'),
    assistant: turn('### Assistant:\n', '\n'),
    generation: '### Assistant:\n',
    stop: ['### Human:'],
  },
  'llama-2': {
    system: inUser('first-user', '<<SYS>>\n', '\n<</SYS>>\n\n'),
    user: turn('[INST] ', ' [/INST]'),
    assistant: turn(' ', ' </s><s>'),
    generation: '',
    stop: ['</s>', '[INST]'],
  },
  'llama-3': tagged((role) => `<|start_header_id|>${role}<|end_header_id|>\n\n`, '<|eot_id|>', 'assistant'),
  'mistral-v1': mistral(turn(' [INST] ', ' [/INST]'), turn(' ', '</s>'), inUser('first-user', '', '\n\n')),
  'mistral-v3': mistral(turn('[INST] ', '[/INST]'), turn(' ', '</s>'), inUser('last-user', '', '\n\n')),
  'mistral-tekken': mistral(turn('[INST]', '[/INST]'), turn('', '</s>'), inUser('last-user', '', '\n\n')),
  'mistral-v7': mistral(turn('[INST]', '[/INST]'), turn('', '</s>'), ownTurn('[SYSTEM_PROMPT]', '[/SYSTEM_PROMPT]')),
  gemma: {
    system: inUser('first-user', '', '\n\n'),
    user: turn('<start_of_turn>user\n', '<end_of_turn>\n'),
    assistant: turn('<start_of_turn>model\n', '<end_of_turn>\n'),
    generation: '<start_of_turn>model\n',
    stop: ['<end_of_turn>', '<start_of_turn>'],
  },
  'gemma-4': tagged((role) => `<|turn>${role}\n`, '<turn|>\n', 'model'),
  metharme: tagged((role) => `<|${role}|>`, '', 'model', ['<|user|>', '</s>']),
  pygmalion: {
    system: ownTurn("Assistant's Persona: ", '\n<START>\n'),
    user: turn('You: ', '\n'),
    assistant: turn('Assistant: ', '\n'),
    generation: 'Assistant:',
    stop: ['\nYou:', '<START>'],
  },
  'phi-3': tagged((role) => `<|${role}|>\n`, '<|end|>\n', 'assistant'),
  zephyr: tagged((role) => `<|${role}|>\n`, '</s>\n', 'assistant', ['</s>', '<|user|>']),
  'command-r': {
    system: ownTurn('<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>', '<|END_OF_TURN_TOKEN|>'),
    user: turn('<|START_OF_TURN_TOKEN|><|USER_TOKEN|>', '<|END_OF_TURN_TOKEN|>'),
    assistant: turn('<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>', '<|END_OF_TURN_TOKEN|>'),
    generation: '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>',
    stop: ['<|END_OF_TURN_TOKEN|>'],
  },
  openchat: {
    system: ownTurn('', '<|end_of_turn|>'),
    user: turn('GPT4 Correct User: ', '<|end_of_turn|>'),
    assistant: turn('GPT4 Correct Assistant: ', '<|end_of_turn|>'),
    generation: 'GPT4 Correct Assistant:',
    stop: ['<|end_of_turn|>'],
  },
  'deepseek-coder': {
    system: ownTurn('', ''),
    user: turn('### Instruction:\n', '\n'),
    assistant: turn('### Response:\n', '\n<|EOT|>\n'),
    generation: '### Response:\n',
    stop: ['<|EOT|>'],
  },
  'deepseek-v2': {
    system: ownTurn('', '\n\n'),
    user: turn('User: ', '\n\n'),
    assistant: turn('Assistant: ', '<｜end▁of▁sentence｜>'),
    generation: 'Assistant:',
    stop: ['<｜end▁of▁sentence｜>', '\nUser:'],
  },
  // NovelAI's GLM models on the completions route (backends/cloud.md 1.6): an empty thought keeps it from thinking.
  glm: {
    system: ownTurn('[gMASK]<sop><|system|>\n', ''),
    user: turn('<|user|>\n', ''),
    assistant: turn('<|assistant|>\n<think></think>\n', ''),
    generation: '<|assistant|>\n<think></think>\n',
    stop: ['<|user|>', '<|assistant|>'],
  },
};
