/** What api.anthropic.com accepts in a message request, and the words in which it refuses; the stand-in server is never gentler than this. */

type Json = Record<string, unknown>;

/** HTTP status, type and message of a refusal. */
export interface Refusal {
  status: number;
  type: string;
  message: string;
}

export interface MessageRequest {
  model: string;
  max_tokens: number;
  messages: { role: string; content: string | Block[] }[];
  system?: string | Block[];
  stream?: boolean;
  stop_sequences?: string[];
  tools?: { name: string; input_schema: Json }[];
  [parameter: string]: unknown;
}
export type Block = Json & { type: string };

/** How a model of the stand-in behaves: the three kinds that exist. */
export type ModelKind = 'free' | 'one-sampler' | 'strict';

export const refuse = (status: number, type: string, message: string): Refusal => ({ status, type, message });
const invalid = (message: string): Refusal => refuse(400, 'invalid_request_error', message);

const known = new Set(
  [
    'model max_tokens messages system stream stop_sequences temperature top_p top_k tools tool_choice thinking output_config',
    'metadata service_tier cache_control inference_geo speed',
  ].flatMap((line) => line.split(' ')),
);
const blockFields: Record<string, string[]> = {
  text: ['text', 'cache_control', 'citations'],
  image: ['source', 'cache_control'],
  tool_use: ['id', 'name', 'input', 'cache_control'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'cache_control'],
};

/** The first rule that a body breaks, if any. */
export function findFault(body: Json, kind: ModelKind, mostTokens: number): Refusal | undefined {
  for (const name of ['max_tokens', 'messages']) if (body[name] === undefined) return invalid(`${name}: Field required`);
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) return invalid(`${unknown}: Extra inputs are not permitted`);
  const most = body.max_tokens;
  if (!Number.isInteger(most) || (most as number) < 1) return invalid('max_tokens: Input should be greater than or equal to 1');
  if ((most as number) > mostTokens)
    return invalid(`max_tokens: ${most} > ${mostTokens}, which is the maximum allowed number of output tokens for ${body.model}`);
  const stops = (body.stop_sequences ?? []) as string[];
  if (stops.some((stop) => stop.trim() === '')) return invalid('stop_sequences: each stop sequence must contain non-whitespace');
  return (
    faultOfMessages(body.messages as MessageRequest['messages'], kind) ??
    faultOfSamplers(body, kind) ??
    faultOfThinking(body, kind) ??
    faultOfTools(body) ??
    faultOfSchema((body.output_config as { format?: { schema?: unknown } } | undefined)?.format?.schema)
  );
}

function faultOfMessages(messages: MessageRequest['messages'], kind: ModelKind): Refusal | undefined {
  if (messages.length === 0) return invalid('messages: at least one message is required');
  if (messages[0]?.role !== 'user') return invalid('messages: first message must use the "user" role');
  let open: string[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== 'user' && role !== 'assistant') return invalid(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    const blocks: Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (blocks.length === 0) return invalid(`messages.${index}: all messages must have non-empty content`);
    for (const [position, block] of blocks.entries()) {
      const fault = faultOfBlock(block, role, `messages.${index}.content.${position}`);
      if (fault) return fault;
    }
    const results = blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => tool_use_id as string);
    const stray = results.find((id) => !open.includes(id));
    if (stray !== undefined)
      return invalid(`messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}.`);
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0)
      return invalid(
        `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing}.`,
      );
    if (results.length > 0 && blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result'))
      return invalid(`messages.${index}: \`tool_result\` blocks must come first`);
    open = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id as string);
  }
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return undefined;
  if (kind !== 'free')
    return invalid('This model does not support assistant message prefill. The conversation must end with a user message.');
  const text = typeof last.content === 'string' ? last.content : last.content.at(-1)?.text;
  if (typeof text === 'string' && text !== text.trimEnd())
    return invalid('messages: final assistant content cannot end with trailing whitespace');
  return undefined;
}

function faultOfBlock(block: Block, role: string, place: string): Refusal | undefined {
  const fields = blockFields[block.type];
  if (!fields) return invalid(`${place}: Input tag '${block.type}' found using 'type' does not match any of the expected tags`);
  const extra = Object.keys(block).find((name) => name !== 'type' && !fields.includes(name));
  if (extra !== undefined) return invalid(`${place}.${block.type}.${extra}: Extra inputs are not permitted`);
  if (block.type === 'text' && typeof block.text === 'string' && block.text.trim() === '')
    return invalid('messages: text content blocks must contain non-whitespace text');
  if (role === 'assistant' && block.type === 'image') return invalid(`${place}: image blocks are not permitted here`);
  if ((role === 'user') === (block.type === 'tool_use'))
    return block.type === 'tool_use' ? invalid(`${place}: \`tool_use\` blocks can only be in \`assistant\` messages`) : undefined;
  const id = block.type === 'tool_use' ? block.id : block.tool_use_id;
  if (id !== undefined && !/^[\w-]+$/.test(String(id)))
    return invalid(`${place}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  if (block.type === 'tool_use' && (typeof block.input !== 'object' || block.input === null || Array.isArray(block.input)))
    return invalid(`${place}.tool_use.input: Input should be a valid dictionary`);
  return undefined;
}

function faultOfSamplers({ temperature, top_p, top_k, model }: Json, kind: ModelKind): Refusal | undefined {
  if (kind === 'strict' && [temperature, top_p, top_k].some((value) => value !== undefined))
    return invalid('`temperature`, `top_p` and `top_k` are deprecated for this model.');
  if (temperature !== undefined && ((temperature as number) < 0 || (temperature as number) > 1))
    return invalid('temperature: range: 0..1');
  if (kind === 'one-sampler' && temperature !== undefined && top_p !== undefined)
    return invalid(`\`temperature\` and \`top_p\` cannot both be specified for ${model}. Please use only one.`);
  return undefined;
}

function faultOfThinking(body: Json, kind: ModelKind): Refusal | undefined {
  const thinking = body.thinking as { type?: string; budget_tokens?: number } | undefined;
  if (thinking === undefined || thinking.type === 'disabled') return undefined;
  if (thinking.type === 'adaptive' && kind === 'free') return invalid('adaptive thinking is not supported on this model');
  if (thinking.type === 'enabled') {
    const { budget_tokens: budget = 0 } = thinking;
    if (budget < 1024) return invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
    if (budget >= (body.max_tokens as number)) return invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  if (body.temperature !== undefined && body.temperature !== 1)
    return invalid('`temperature` may only be set to 1 when thinking is enabled.');
  if (body.top_k !== undefined) return invalid('`top_k` must be unset when thinking is enabled.');
  const choice = (body.tool_choice as { type?: string } | undefined)?.type;
  if (choice === 'any' || choice === 'tool') return invalid('Thinking may not be enabled when tool_choice forces tool use.');
  return undefined;
}

function faultOfTools({ tools, tool_choice }: Json): Refusal | undefined {
  const list = (tools ?? []) as { name?: string; input_schema?: Json }[];
  for (const [index, { name = '', input_schema }] of list.entries()) {
    if (!/^[\w-]{1,128}$/.test(name)) return invalid(`tools.${index}.custom.name: String should match pattern`);
    if (input_schema?.type !== 'object') return invalid(`tools.${index}.custom.input_schema.type: Field required`);
  }
  if (tool_choice !== undefined && list.length === 0) return invalid('tool_choice may only be specified while providing tools.');
  return undefined;
}

const refusedKeywords = ['minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'multipleOf', 'oneOf', '$schema'];

function faultOfSchema(schema: unknown): Refusal | undefined {
  if (Array.isArray(schema)) return schema.map(faultOfSchema).find((fault) => fault !== undefined);
  if (typeof schema !== 'object' || schema === null) return undefined;
  const node = schema as Json;
  const refused = refusedKeywords.find((keyword) => keyword in node);
  if (refused !== undefined) return invalid(`output_config.format.schema: property '${refused}' is not supported`);
  if (node.type === 'object' && node.additionalProperties !== false)
    return invalid("output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false");
  return [...Object.values((node.properties ?? {}) as Json), node.items, node.anyOf].map(faultOfSchema).find((fault) => fault);
}
