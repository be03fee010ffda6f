import { expect, test } from 'vitest';
import type { Message, Role } from '../../../protocol/generate';
import { type TemplateId, templateIds } from '../../../protocol/model-settings';
import { chatTemplates } from '../../../providers/templates/chat-templates';
import { estimateTokens, writeChat } from '../../../providers/templates/write-chat';

const message = (role: Role, text: string): Message => ({ role, content: [{ type: 'text', text }] });
const chat = [
  message('system', 'Be brief.'),
  message('user', 'Hi'),
  message('assistant', 'Hello!'),
  message('user', 'Name a river.'),
];
const write = async (id: TemplateId, messages: readonly Message[] = chat) => {
  const { system, prompt } = await writeChat(messages, chatTemplates[id]);
  return system + prompt;
};

// The strings of backends/local.md §9, written out for a chat of two turns.
const written: Readonly<Record<TemplateId, string>> = {
  plain: 'Be brief.\n\nUser: Hi\nAssistant: Hello!\nUser: Name a river.\nAssistant:',
  chatml:
    '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n' +
    '<|im_start|>user\nName a river.<|im_end|>\n<|im_start|>assistant\n',
  alpaca: 'Be brief.\n\n### Instruction:\nHi\n\n### Response:\nHello!\n\n### Instruction:\nName a river.\n\n### Response:\n',
  vicuna: 'Be brief.\n\nUSER: Hi\nASSISTANT: Hello!</s>\nUSER: Name a river.\nASSISTANT:',
  'orca-vicuna': 'SYSTEM: Be brief.\nUSER: Hi\nASSISTANT: Hello!</s>\nUSER: Name a river.\nASSISTANT:',
  'vicuna-1.0': 'Be brief.\n### Human:\nHi\n### Assistant:\nHello!\n### Human:\nName a river.\n### Assistant:\n',
  'llama-2': '[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello! </s><s>[INST] Name a river. [/INST]',
  'llama-3':
    '<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>' +
    '<|start_header_id|>assistant<|end_header_id|>\n\nHello!<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nName a river.<|eot_id|>' +
    '<|start_header_id|>assistant<|end_header_id|>\n\n',
  'mistral-v1': ' [INST] Be brief.\n\nHi [/INST] Hello!</s> [INST] Name a river. [/INST]',
  'mistral-v3': '[INST] Hi[/INST] Hello!</s>[INST] Be brief.\n\nName a river.[/INST]',
  'mistral-tekken': '[INST]Hi[/INST]Hello!</s>[INST]Be brief.\n\nName a river.[/INST]',
  'mistral-v7': '[SYSTEM_PROMPT]Be brief.[/SYSTEM_PROMPT][INST]Hi[/INST]Hello!</s>[INST]Name a river.[/INST]',
  gemma:
    '<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello!<end_of_turn>\n' +
    '<start_of_turn>user\nName a river.<end_of_turn>\n<start_of_turn>model\n',
  'gemma-4':
    '<|turn>system\nBe brief.<turn|>\n<|turn>user\nHi<turn|>\n<|turn>model\nHello!<turn|>\n<|turn>user\nName a river.<turn|>\n<|turn>model\n',
  metharme: '<|system|>Be brief.<|user|>Hi<|model|>Hello!<|user|>Name a river.<|model|>',
  pygmalion: "Assistant's Persona: Be brief.\n<START>\nYou: Hi\nAssistant: Hello!\nYou: Name a river.\nAssistant:",
  'phi-3':
    '<|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\nHello!<|end|>\n<|user|>\nName a river.<|end|>\n<|assistant|>\n',
  zephyr: '<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello!</s>\n<|user|>\nName a river.</s>\n<|assistant|>\n',
  'command-r':
    '<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>Be brief.<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Hi<|END_OF_TURN_TOKEN|>' +
    '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>Hello!<|END_OF_TURN_TOKEN|><|START_OF_TURN_TOKEN|><|USER_TOKEN|>Name a river.<|END_OF_TURN_TOKEN|>' +
    '<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>',
  openchat:
    'Be brief.<|end_of_turn|>GPT4 Correct User: Hi<|end_of_turn|>GPT4 Correct Assistant: Hello!<|end_of_turn|>' +
    'GPT4 Correct User: Name a river.<|end_of_turn|>GPT4 Correct Assistant:',
  'deepseek-coder':
    'Be brief.### Instruction:\nHi\n### Response:\nHello!\n<|EOT|>\n### Instruction:\nName a river.\n### Response:\n',
  'deepseek-v2': 'Be brief.\n\nUser: Hi\n\nAssistant: Hello!<｜end▁of▁sentence｜>User: Name a river.\n\nAssistant:',
  glm: '[gMASK]<sop><|system|>\nBe brief.<|user|>\nHi<|assistant|>\n<think></think>\nHello!<|user|>\nName a river.<|assistant|>\n<think></think>\n',
};

test.each(templateIds)('%s writes a chat as its models learnt it', async (id) => {
  expect(await write(id)).toBe(written[id]);
});

test.each(templateIds)('%s leaves the last words of the assistant open, and never ends with a blank', async (id) => {
  const open = await write(id, [message('user', 'Name a river.'), message('assistant', 'The Dan')]);
  expect(open).toMatch(/The Dan$/);
  expect(await write(id)).not.toMatch(/ $/);
});

test('neighbours of one role are one turn, and the thought of an answer stays out', async () => {
  const messages: Message[] = [
    message('user', 'One'),
    message('user', 'Two'),
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'A' },
      ],
    },
    message('user', 'Three'),
  ];
  expect(await write('plain', messages)).toBe('User: One\nTwo\nAssistant: A\nUser: Three\nAssistant:');
});

test('several words of the system are said together, wherever they stood', async () => {
  const messages = [message('system', 'A'), message('user', 'Hi'), message('system', 'B')];
  expect(await write('chatml', messages)).toContain('system\nA\n\nB<|im_end|>');
});

test('a system without a user has a turn of its own even where the format has none', async () => {
  expect(await write('gemma', [message('system', 'Go on.')])).toBe('Go on.\n\n<start_of_turn>model\n');
});

test('what does not fit is left out from the oldest on, and the answer still begins after a person’s turn', async () => {
  const long = [
    message('system', 'Be brief.'),
    ...[1, 2, 3, 4].flatMap((n) => [message('user', `question ${n}`), message('assistant', `answer ${n}`)]),
    message('user', 'last'),
  ];
  const tokens = 30;
  const { system, prompt, left } = await writeChat(long, chatTemplates.plain, { tokens });
  expect(estimateTokens(system + prompt)).toBeLessThanOrEqual(tokens);
  expect(system).toBe('Be brief.\n\n');
  expect(prompt).toMatch(/^User: question \d\n.*User: last\nAssistant:$/s);
  expect(left).toBe(long.length - 1 - (prompt.match(/\n/g)?.length ?? 0));
  expect(left % 2).toBe(0);
});

test('a server’s own count decides, asked for few times however long the chat is', async () => {
  let asked = 0;
  const count = async (text: string) => {
    asked += 1;
    return text.length;
  };
  const messages = Array.from({ length: 1000 }, (_, index) => message(index % 2 ? 'assistant' : 'user', 'x'.repeat(10)));
  const { prompt } = await writeChat([...messages, message('user', 'end')], chatTemplates.plain, { tokens: 500, count });
  expect(prompt.length).toBeLessThanOrEqual(500);
  expect(prompt.length).toBeGreaterThan(440);
  expect(asked).toBeLessThanOrEqual(10);
});

test('system and last turn alone too long: that is said, and nothing is sent', async () => {
  await expect(writeChat(chat, chatTemplates.chatml, { tokens: 5 })).rejects.toMatchObject({ code: 'context-length' });
});

test.each<Message>([
  { role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'AA==' }] },
  { role: 'tool', content: [{ type: 'tool-result', id: '1', result: '2' }] },
  { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'f', arguments: '{}' }] },
])('$role with $content.0.type is refused: without it the answer would be to another question', async (odd) => {
  await expect(writeChat([message('user', 'Hi'), odd], chatTemplates.plain)).rejects.toMatchObject({
    code: 'not-supported',
    field: 'messages',
  });
});

test('a chat without a turn is the opening of an answer', async () => {
  expect(await write('plain', [])).toBe('Assistant:');
});
