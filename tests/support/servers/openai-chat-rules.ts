/** What api.openai.com accepts in a chat request, and the words in which it refuses; the stand-in server is never gentler than this. */

/** A refusal: HTTP status and the `error` object of the body. */
export interface Refusal {
  status: number;
  error: { message: string; type: string; param: string | null; code: string | null };
}

export interface ChatMessage {
  role: 'developer' | 'system' | 'user' | 'assistant' | 'tool';
  content?: string | { type: string; text?: string; [field: string]: unknown }[] | null;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
  name?: string;
}

/** A chat request that has passed the rules. */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean; include_obfuscation?: boolean };
  n?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  stop?: string | string[] | null;
  tools?: { type: 'function'; function: { name: string; description?: string; parameters?: object } }[];
  [parameter: string]: unknown;
}

const known = new Set(
  [
    'model messages stream stream_options n max_tokens max_completion_tokens stop tools tool_choice parallel_tool_calls temperature top_p',
    'frequency_penalty presence_penalty seed logit_bias logprobs top_logprobs response_format reasoning_effort verbosity store metadata user',
    'safety_identifier prompt_cache_key prompt_cache_options service_tier modalities audio prediction web_search_options functions function_call',
  ].flatMap((line) => line.split(' ')),
);
const roles = ['developer', 'system', 'user', 'assistant', 'tool'];
const partTypes: Record<string, string[]> = {
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
};
const ranges: [string, number, number, 'decimal' | 'integer'][] = [
  ['temperature', 0, 2, 'decimal'],
  ['top_p', 0, 1, 'decimal'],
  ['frequency_penalty', -2, 2, 'decimal'],
  ['presence_penalty', -2, 2, 'decimal'],
  ['n', 1, 128, 'integer'],
  ['max_tokens', 1, Number.POSITIVE_INFINITY, 'integer'],
  ['max_completion_tokens', 1, Number.POSITIVE_INFINITY, 'integer'],
  ['seed', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 'integer'],
  ['top_logprobs', 0, 20, 'integer'],
];

/** A refusal of the usual kind. */
export function refuse(status: number, code: string | null, message: string, param: string | null = null): Refusal {
  return { status, error: { message, type: 'invalid_request_error', param, code } };
}

/** The first rule that a request body breaks, if any; the model is checked by the server that knows its models. */
export function findFault(body: Record<string, unknown>): Refusal | undefined {
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) return refuse(400, 'unknown_parameter', `Unknown parameter: '${unknown}'.`, unknown);
  if (typeof body.model !== 'string' || body.model === '') return refuse(400, null, 'you must provide a model parameter');
  return (
    faultOfMessages(body.messages) ??
    faultOfNumbers(body) ??
    faultOfStreaming(body) ??
    faultOfStop(body.stop) ??
    faultOfOutput(body)
  );
}

function faultOfMessages(messages: unknown): Refusal | undefined {
  if (messages === undefined)
    return refuse(400, 'missing_required_parameter', "Missing required parameter: 'messages'.", 'messages');
  if (!Array.isArray(messages)) return wrongType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    const message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
    return refuse(400, 'empty_array', message, 'messages');
  }
  let openCalls: string[] = [];
  for (const [index, message] of messages.entries()) {
    const fault =
      faultOfMessage(message, `messages.[${index}]`) ??
      faultOfToolOrder(message as ChatMessage, `messages.[${index}]`, openCalls);
    if (fault) return fault;
    const { role, tool_calls, tool_call_id } = message as ChatMessage;
    openCalls = role === 'tool' ? openCalls.filter((id) => id !== tool_call_id) : (tool_calls ?? []).map(({ id }) => id);
  }
  return openCalls.length === 0 ? undefined : unansweredCalls(openCalls);
}

function faultOfMessage(message: unknown, place: string): Refusal | undefined {
  if (typeof message !== 'object' || message === null) return wrongType(place, 'an object', message);
  const { role, content, tool_calls } = message as ChatMessage;
  if (role === undefined)
    return refuse(400, 'missing_required_parameter', `Missing required parameter: '${place}.role'.`, `${place}.role`);
  if (!roles.includes(role)) {
    const expected = roles.map((name) => `'${name}'`).join(', ');
    return refuse(400, 'invalid_value', `Invalid value: '${role}'. Supported values are: ${expected}.`, `${place}.role`);
  }
  if (content === null || content === undefined) {
    if (role === 'assistant' && tool_calls) return undefined;
    return refuse(400, null, `Invalid value for 'content': expected a string, got null.`, `${place}.content`);
  }
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return wrongType(`${place}.content`, 'one of a string or array of objects', content);
  const allowed = partTypes[role] ?? ['text'];
  const wrong = content.findIndex((part) => !allowed.includes(part?.type));
  if (wrong < 0) return undefined;
  const expected = allowed.map((name) => `'${name}'`).join(', ');
  const param = `${place}.content.[${wrong}].type`;
  return refuse(400, 'invalid_value', `Invalid value: '${content[wrong]?.type}'. Supported values are: ${expected}.`, param);
}

function faultOfToolOrder(message: ChatMessage, place: string, openCalls: string[]): Refusal | undefined {
  if (message.role !== 'tool') return openCalls.length === 0 ? undefined : unansweredCalls(openCalls);
  if (message.tool_call_id === undefined) {
    return refuse(
      400,
      'missing_required_parameter',
      `Missing required parameter: '${place}.tool_call_id'.`,
      `${place}.tool_call_id`,
    );
  }
  if (openCalls.includes(message.tool_call_id)) return undefined;
  const words = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return refuse(400, null, `Invalid parameter: ${words}`, `${place}.role`);
}

function unansweredCalls(ids: string[]): Refusal {
  const rule = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
  return refuse(400, null, `${rule} The following tool_call_ids did not have response messages: ${ids.join(', ')}`, 'messages');
}

function faultOfNumbers(body: Record<string, unknown>): Refusal | undefined {
  for (const [name, least, most, kind] of ranges) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) {
      return wrongType(name, kind === 'integer' ? 'an integer' : 'a decimal', value);
    }
    if (value < least) return outOfRange(name, kind, 'below_min', 'below minimum', `>= ${least}`, value);
    if (value > most) return outOfRange(name, kind, 'above_max', 'above maximum', `<= ${most}`, value);
  }
  if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    return refuse(400, 'invalid_parameter_combination', message, 'max_tokens');
  }
  return undefined;
}

function faultOfStreaming(body: Record<string, unknown>): Refusal | undefined {
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== 'boolean')
    return wrongType('stream', 'a boolean', body.stream);
  if (body.stream_options === undefined || body.stream_options === null || body.stream === true) return undefined;
  return refuse(400, null, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
}

function faultOfStop(stop: unknown): Refusal | undefined {
  if (stop === undefined || stop === null || typeof stop === 'string') return undefined;
  if (!Array.isArray(stop) || stop.some((text) => typeof text !== 'string'))
    return wrongType('stop', 'one of a string or array of strings', stop);
  if (stop.length <= 4) return undefined;
  const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${stop.length} instead.`;
  return refuse(400, 'array_above_max_length', message, 'stop');
}

function faultOfOutput(body: Record<string, unknown>): Refusal | undefined {
  if (body.tools !== undefined && (!Array.isArray(body.tools) || body.tools.length === 0)) {
    return refuse(
      400,
      'empty_array',
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'tools',
    );
  }
  if (body.tool_choice !== undefined && body.tools === undefined) {
    return refuse(
      400,
      null,
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      'tool_choice',
    );
  }
  return faultOfFormat(body.response_format as Record<string, unknown> | null | undefined, body.messages as ChatMessage[]);
}

function faultOfFormat(format: Record<string, unknown> | null | undefined, messages: ChatMessage[]): Refusal | undefined {
  if (format === undefined || format === null || format.type === 'text') return undefined;
  if (format.type === 'json_object') {
    if (/json/i.test(JSON.stringify(messages.map(({ content }) => content)))) return undefined;
    const message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    return refuse(400, null, message, 'messages');
  }
  if (format.type !== 'json_schema') {
    const message = `Invalid value: '${format.type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`;
    return refuse(400, 'invalid_value', message, 'response_format.type');
  }
  const schema = format.json_schema as { name?: unknown; schema?: unknown } | undefined;
  if (typeof schema?.name === 'string' && /^[a-zA-Z0-9_-]{1,64}$/.test(schema.name)) return undefined;
  return refuse(
    400,
    'missing_required_parameter',
    "Missing required parameter: 'response_format.json_schema.name'.",
    'response_format.json_schema.name',
  );
}

function wrongType(param: string, expected: string, value: unknown): Refusal {
  const got =
    value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
  return refuse(400, 'invalid_type', `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`, param);
}

function outOfRange(param: string, kind: string, code: string, words: string, expected: string, value: number): Refusal {
  const message = `Invalid '${param}': ${kind} ${words} value. Expected a value ${expected}, but got ${value} instead.`;
  return refuse(400, `${kind}_${code}_value`, message, param);
}
