/** Owns the body of Chat Completions, and of the older Completions: their JSON in, the neutral request out. */

import type { Message, Part } from '../../protocol/generate';
import { type Fields, fieldsAt, given, isFields, listAt, present, refuse, stringAt } from './fields';
import { commonFields, contentOf, effortOf, formatOf, toolChoiceOf, toolFields, toolOf } from './request-parts';
import { WireError } from './wire-error';

/** A neutral request that the page's schema has not seen yet, and how its answer is written. */
export interface ReadRequest {
  readonly request: Fields;
  readonly streams: boolean;
}

export interface ReadChat extends ReadRequest {
  /** The last event tells what was used. */
  readonly includesUsage: boolean;
  /** The page offered `functions`, the older name of tools, and is answered in their terms. */
  readonly isLegacy: boolean;
}

/** `POST /chat/completions` (OpenAI API reference). Fields of the account (`user`, `store`, `metadata`) mean nothing here. @throws WireError */
export function readChat(body: Fields): ReadChat {
  refuse(body, ['logprobs', 'top_logprobs', 'audio', 'web_search_options']);
  if (Array.isArray(body.modalities) && body.modalities.some((one) => one !== 'text'))
    throw new WireError("'modalities' is not supported here: answers are text.", 'modalities');
  const isLegacy = given(body.functions) !== undefined && given(body.tools) === undefined;
  return {
    request: present({
      ...commonFields(body),
      messages: messagesOf(listAt(body.messages, 'messages')),
      maxOutputTokens: body.max_completion_tokens ?? body.max_tokens,
      responseFormat: formatOf(body.response_format, 'response_format'),
      reasoningEffort: effortOf(body.reasoning_effort),
      ...(isLegacy ? functionsOf(body) : toolsOf(body)),
    }),
    streams: body.stream === true,
    includesUsage: isFields(body.stream_options) && body.stream_options.include_usage === true,
    isLegacy,
  };
}

function toolsOf(body: Fields): Fields {
  const list = given(body.tools) === undefined ? [] : listAt(body.tools, 'tools');
  const tools = list.map((entry, index) => {
    const { type, function: called } = fieldsAt(entry, `tools[${index}]`);
    if (type !== 'function') throw new WireError(`'tools[${index}].type' must be function.`, `tools[${index}].type`);
    return toolOf(called, `tools[${index}].function`);
  });
  return toolFields(
    tools,
    toolChoiceOf(body.tool_choice, 'tool_choice', ({ function: named }) => (isFields(named) ? named.name : undefined)),
  );
}

function functionsOf(body: Fields): Fields {
  const tools = listAt(body.functions, 'functions').map((entry, index) => toolOf(entry, `functions[${index}]`));
  return toolFields(
    tools,
    toolChoiceOf(body.function_call, 'function_call', ({ name }) => name),
  );
}

function messagesOf(list: readonly unknown[]): Message[] {
  /** The older API has no ids: a result belongs to the call before it. */
  let legacyCalls = 0;
  return list.map((entry, index) => {
    const param = `messages[${index}]`;
    const message = fieldsAt(entry, param);
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: contentOf(message.content, `${param}.content`) };
      case 'user':
        return { role: 'user', content: contentOf(message.content, `${param}.content`) };
      case 'assistant': {
        const content = assistantContent(message, param);
        if (isFields(message.function_call)) {
          legacyCalls += 1;
          content.push(callOf(message.function_call, `function_${legacyCalls}`, `${param}.function_call`));
        }
        if (content.length === 0) throw new WireError(`'${param}.content' is missing.`, `${param}.content`);
        return { role: 'assistant', content };
      }
      case 'tool':
        return resultOf(stringAt(message.tool_call_id, `${param}.tool_call_id`), message, param);
      case 'function':
        return resultOf(`function_${legacyCalls}`, message, param);
      default:
        throw new WireError(`'${param}.role' must be system, developer, user, assistant or tool.`, `${param}.role`);
    }
  });
}

function assistantContent(message: Fields, param: string): Part[] {
  const { content, reasoning_content: reasoning, tool_calls: calls } = message;
  const isSilent = content === undefined || content === null || content === '';
  return [
    ...(typeof reasoning === 'string' && reasoning !== '' ? [{ type: 'reasoning', text: reasoning } as const] : []),
    // Beside a call most clients send no words, or empty ones.
    ...(isSilent && content !== ''
      ? []
      : contentOf(content, `${param}.content`).filter((part) => !isEmptyBesideCall(part, calls))),
    ...(given(calls) === undefined ? [] : listAt(calls, `${param}.tool_calls`)).map((entry, index) => {
      const call = fieldsAt(entry, `${param}.tool_calls[${index}]`);
      const id = stringAt(call.id, `${param}.tool_calls[${index}].id`);
      return callOf(call.function, id, `${param}.tool_calls[${index}].function`);
    }),
  ];
}

const isEmptyBesideCall = (part: Part, calls: unknown) => part.type === 'text' && part.text === '' && Array.isArray(calls);

function callOf(called: unknown, id: string, param: string): Part {
  const { name, arguments: json } = fieldsAt(called, param);
  return { type: 'tool-call', id, name: stringAt(name, `${param}.name`), arguments: stringAt(json, `${param}.arguments`) };
}

function resultOf(id: string, { content }: Fields, param: string): Message {
  const text = contentOf(content, `${param}.content`).map((part) => ('text' in part ? part.text : ''));
  return { role: 'tool', content: [{ type: 'tool-result', id, result: text.join('') }] };
}

/** `POST /completions`: a prompt alone, which a chat model gets as the words of the person. @throws WireError */
export function readCompletion(body: Fields): ReadChat {
  refuse(body, ['logprobs', 'suffix', 'echo']);
  const prompts = Array.isArray(body.prompt) ? body.prompt : [body.prompt];
  const [prompt] = prompts;
  if (prompts.length !== 1 || typeof prompt !== 'string')
    throw new WireError("'prompt' must be one string: several prompts and tokens are not supported here.", 'prompt');
  return {
    request: present({
      ...commonFields(body),
      messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
      maxOutputTokens: body.max_tokens,
    }),
    streams: body.stream === true,
    includesUsage: isFields(body.stream_options) && body.stream_options.include_usage === true,
    isLegacy: false,
  };
}
