/** How an OpenAI-compatible server puts answers on the wire: whole, or as a stream of chunks at a given pace. */
import { respondJson, type Step } from '../faultd';
import type { ChatRequest } from './openai-chat-rules';

/** What the model says. A plain string is an answer that ends with `stop`. */
export interface Answer {
  text?: string;
  toolCalls?: { name: string; arguments: object }[];
  /** Sent as `reasoning_content`, as local servers do; OpenAI itself never does. */
  reasoning?: string;
  refusal?: string;
  finishReason?: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  usage?: { prompt_tokens: number; completion_tokens: number };
}

/** When the parts of a response are sent. */
export interface Pace {
  /** From the request to the head of the response. */
  headDelayMs: number;
  /** From the head to the first chunk. */
  firstByteDelayMs: number;
  /** Between two chunks. */
  chunkDelayMs: number;
}

/** How the server cuts text into tokens, and thereby chunks and counts: words with the space before them. */
export function toTokens(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** Applies stop strings and the token limit, as a model's runtime does. */
export function limit(answer: Answer, request: ChatRequest): Answer {
  if (answer.text === undefined) return answer;
  const stops = [request.stop ?? []].flat();
  const ends = stops.map((stop) => answer.text?.indexOf(stop) ?? -1).filter((index) => index >= 0);
  const text = ends.length > 0 ? answer.text.slice(0, Math.min(...ends)) : answer.text;
  const most = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const tokens = toTokens(text);
  if (tokens.length <= most) return { ...answer, text };
  return { ...answer, text: tokens.slice(0, most).join(''), finishReason: 'length' };
}

/** The server-sent events of a streamed answer. */
export function* streamChat(request: ChatRequest, answers: Answer[], pace: Pace): Generator<Step> {
  const withUsage = request.stream_options?.include_usage === true;
  const obfuscated = request.stream_options?.include_obfuscation !== false;
  const head = { ...identity(request), object: 'chat.completion.chunk' };
  const event = (fields: object) => {
    const padding = obfuscated ? { obfuscation: Math.random().toString(36).slice(2) } : {};
    const chunk = { ...head, ...(withUsage ? { usage: null } : {}), ...fields, ...padding };
    return { type: 'write', data: `data: ${JSON.stringify(chunk)}\n\n` } as const;
  };

  yield { type: 'delay', ms: pace.headDelayMs };
  yield { type: 'headers', headers: { 'content-type': 'text/event-stream; charset=utf-8', ...commonHeaders() } };
  yield { type: 'delay', ms: pace.firstByteDelayMs };
  const choices = answers.map((answer, index) => ({ index, deltas: toDeltas(answer), answer }));
  for (const { index } of choices)
    yield event({ choices: [choice(index, { role: 'assistant', content: '', refusal: null }, null)] });
  // The answers of a request with n arrive interleaved.
  for (let step = 0; choices.some(({ deltas }) => step < deltas.length); step++) {
    for (const { index, deltas } of choices) {
      const delta = deltas[step];
      if (!delta) continue;
      if (pace.chunkDelayMs > 0) yield { type: 'delay', ms: pace.chunkDelayMs };
      yield event({ choices: [choice(index, delta, null)] });
    }
  }
  for (const { index, answer } of choices) yield event({ choices: [choice(index, {}, finishReason(answer))] });
  if (withUsage) yield event({ choices: [], usage: usageOf(request, answers) });
  yield { type: 'write', data: 'data: [DONE]\n\n' };
  yield { type: 'end' };
}

/** The one JSON body of an answer that is not streamed; it takes as long as its stream would have. */
export function* completeChat(request: ChatRequest, answers: Answer[], pace: Pace): Generator<Step> {
  const pieces = Math.max(...answers.map((answer) => toDeltas(answer).length));
  yield { type: 'delay', ms: pace.headDelayMs + pace.firstByteDelayMs + pace.chunkDelayMs * pieces };
  const choices = answers.map((answer, index) => ({
    index,
    message: {
      role: 'assistant',
      content: answer.text ?? null,
      refusal: answer.refusal ?? null,
      annotations: [],
      ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
      ...(answer.toolCalls ? { tool_calls: answer.toolCalls.map(toWireCall) } : {}),
    },
    logprobs: null,
    finish_reason: finishReason(answer),
  }));
  const body = { ...identity(request), object: 'chat.completion', choices, usage: usageOf(request, answers) };
  yield* respondJson(200, body, commonHeaders());
}

/** The pieces in which an answer is streamed. */
function toDeltas(answer: Answer): object[] {
  const calls = (answer.toolCalls ?? []).flatMap((call, index) => {
    const wire = toWireCall(call, index);
    const text = wire.function.arguments;
    const half = Math.ceil(text.length / 2);
    // Id and name come once, the arguments in pieces that are no JSON by themselves.
    return [
      { tool_calls: [{ index, ...wire, function: { ...wire.function, arguments: '' } }] },
      ...[text.slice(0, half), text.slice(half)].map((part) => ({ tool_calls: [{ index, function: { arguments: part } }] })),
    ];
  });
  return [
    ...toTokens(answer.reasoning ?? '').map((token) => ({ reasoning_content: token })),
    ...toTokens(answer.text ?? '').map((token) => ({ content: token })),
    ...toTokens(answer.refusal ?? '').map((token) => ({ refusal: token })),
    ...calls,
  ];
}

function toWireCall(call: { name: string; arguments: object }, index: number) {
  return { id: `call_${index + 1}`, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } };
}

function choice(index: number, delta: object, finish: string | null) {
  return { index, delta, logprobs: null, finish_reason: finish };
}

function finishReason(answer: Answer): string {
  return answer.finishReason ?? (answer.toolCalls ? 'tool_calls' : 'stop');
}

function usageOf(request: ChatRequest, answers: Answer[]) {
  const given = answers.find(({ usage }) => usage)?.usage;
  const prompt = given?.prompt_tokens ?? toTokens(request.messages.map(({ content }) => textOf(content)).join(' ')).length;
  const completion = given?.completion_tokens ?? answers.reduce((sum, answer) => sum + toDeltas(answer).length, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function textOf(content: ChatRequest['messages'][number]['content']): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join(' ');
}

function identity(request: ChatRequest) {
  const created = Math.floor(Date.now() / 1000);
  return {
    id: `chatcmpl-${Math.random().toString(36).slice(2)}`,
    created,
    model: request.model,
    service_tier: 'default',
    system_fingerprint: null,
  };
}

/** What stands in the head of every response. */
export function commonHeaders(): Record<string, string> {
  return {
    'access-control-allow-origin': '*',
    'x-request-id': `req_${Math.random().toString(36).slice(2)}`,
    'openai-version': '2020-10-01',
  };
}
