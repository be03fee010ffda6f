/** Owns the body of the Responses API: its JSON in, the neutral request out. Nothing is kept between calls, so that what refers to an earlier one is refused. */

import type { Message, Part, Tool } from '../../protocol/generate';
import type { ReadRequest } from './chat-request';
import { type Fields, fieldsAt, given, isFields, listAt, present, refuse, stringAt } from './fields';
import { commonFields, contentOf, effortOf, formatOf, toolChoiceOf, toolFields, toolOf } from './request-parts';
import { WireError } from './wire-error';

/** `POST /responses` (OpenAI API reference). @throws WireError */
export function readResponses(body: Fields): ReadRequest {
  refuse(body, ['previous_response_id', 'conversation', 'background', 'prompt', 'top_logprobs']);
  const instructions = given(body.instructions);
  const input = typeof body.input === 'string' ? [userText(body.input)] : listAt(body.input, 'input').flatMap(messageOf);
  return {
    request: present({
      ...commonFields(body),
      outputs: undefined,
      messages: joined([...(instructions === undefined ? [] : [systemText(stringAt(instructions, 'instructions'))]), ...input]),
      maxOutputTokens: body.max_output_tokens,
      responseFormat: isFields(body.text) ? formatOf(body.text.format, 'text.format') : undefined,
      reasoningEffort: isFields(body.reasoning) ? effortOf(body.reasoning.effort) : undefined,
      ...toolFields(
        (given(body.tools) === undefined ? [] : listAt(body.tools, 'tools')).map(functionOf),
        toolChoiceOf(body.tool_choice, 'tool_choice', ({ name }) => name),
      ),
    }),
    streams: body.stream === true,
  };
}

const userText = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const systemText = (text: string): Message => ({ role: 'system', content: [{ type: 'text', text }] });

function functionOf(entry: unknown, index: number): Tool {
  const tool = fieldsAt(entry, `tools[${index}]`);
  if (tool.type !== 'function')
    throw new WireError(`'tools[${index}].type' must be function: there are no built-in tools here.`, `tools[${index}].type`);
  return toolOf(tool, `tools[${index}]`);
}

/** A message, a call, its result, or earlier thought. */
function messageOf(entry: unknown, index: number): Message[] {
  const param = `input[${index}]`;
  const item = fieldsAt(entry, param);
  switch (item.type ?? 'message') {
    case 'message':
      return [{ role: roleOf(item.role, param), content: contentOf(item.content, `${param}.content`) }];
    case 'function_call': {
      const call: Part = {
        type: 'tool-call',
        id: stringAt(item.call_id, `${param}.call_id`),
        name: stringAt(item.name, `${param}.name`),
        arguments: stringAt(item.arguments, `${param}.arguments`),
      };
      return [{ role: 'assistant', content: [call] }];
    }
    case 'function_call_output': {
      const texts = contentOf(item.output, `${param}.output`).map((part) => ('text' in part ? part.text : ''));
      const id = stringAt(item.call_id, `${param}.call_id`);
      return [{ role: 'tool', content: [{ type: 'tool-result', id, result: texts.join('') }] }];
    }
    case 'reasoning': {
      const summary = Array.isArray(item.summary) ? item.summary.filter(isFields) : [];
      const text = summary.map((part) => (typeof part.text === 'string' ? part.text : '')).join('\n');
      // Encrypted thought is another provider's to read.
      return text === '' ? [] : [{ role: 'assistant', content: [{ type: 'reasoning', text }] }];
    }
    default:
      throw new WireError(`'${param}.type' is not supported here.`, `${param}.type`);
  }
}

function roleOf(role: unknown, param: string): Message['role'] {
  if (role === 'developer') return 'system';
  if (role === 'system' || role === 'user' || role === 'assistant') return role;
  throw new WireError(`'${param}.role' must be system, developer, user or assistant.`, `${param}.role`);
}

/** What the assistant said, thought and called in one turn comes as items of their own; a backend takes it as one message. */
function joined(messages: readonly Message[]): Message[] {
  const all: Message[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last?.role === 'assistant' && message.role === 'assistant')
      all[all.length - 1] = { role: 'assistant', content: [...last.content, ...message.content] };
    else all.push(message);
  }
  return all;
}
