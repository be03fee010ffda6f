/** A stand-in for NovelAI: subscription, model list, chat and stories as streams, and one generation at a time whose slot an abort frees only later. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { toTokens } from './openai-answers';

export interface NovelAiOptions {
  /** Every route wants it as a bearer token. */
  token?: string;
  /** 0 Paper, 1 Tablet, 2 Scroll, 3 Opus. */
  tier?: number;
  active?: boolean;
  answer?: (asked: NovelAiAsked) => string;
  chunkDelayMs?: number;
  /** How long the account stays locked after a stream that was broken off. */
  lockMs?: number;
}

/** A generation that was accepted: a chat's last message, or a story's whole text. */
export interface NovelAiAsked {
  readonly kind: 'chat' | 'story';
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface NovelAiServer {
  readonly baseUrl: string;
  /** The server beneath; it plays both hosts, told apart by the Host header. */
  readonly fault: FaultServer;
  readonly asked: NovelAiAsked[];
  /** How often a second generation was turned away. */
  readonly locked: number;
  set(options: NovelAiOptions): void;
  close(): Promise<void>;
}

const chatModels = ['glm-4-6', 'xialong-v1'];
/** Each storyteller with the one host that has it. */
const storyHosts: Readonly<Record<string, string>> = {
  'llama-3-erato-v1': 'text.novelai.net',
  'kayra-v1': 'text.novelai.net',
  'clio-v1': 'api.novelai.net',
};
const tierNames = ['paper', 'tablet', 'scroll', 'opus'];

const refuse = (statusCode: number, message: string): Step[] => respondJson(statusCode, { statusCode, message });

/** Starts the server on a free port. */
export async function startNovelAiServer(options: NovelAiOptions = {}): Promise<NovelAiServer> {
  const fault = await startFaultServer();
  const asked: NovelAiAsked[] = [];
  let settings: Required<NovelAiOptions> = {
    ...{ token: 'pst-test-0123456789', tier: 3, active: true, chunkDelayMs: 0, lockMs: 1500 },
    answer: ({ text }) => `You said: ${text}`,
    ...options,
  };
  let isRunning = false;
  let locked = 0;

  const guarded = (answer: (request: FaultRequest) => Steps) => (request: FaultRequest) =>
    request.headers.authorization === `Bearer ${settings.token}` ? answer(request) : refuse(401, 'Incorrect access key.');

  /** The one generation of the account. Whoever leaves keeps it locked for a moment. */
  async function* generation(taken: NovelAiAsked, play: (tokens: readonly string[]) => Iterable<Step>): AsyncGenerator<Step> {
    if (isRunning) {
      locked += 1;
      return yield* refuse(429, 'Concurrent generation is locked');
    }
    isRunning = true;
    asked.push(taken);
    let isDone = false;
    try {
      yield { type: 'headers', headers: { 'content-type': 'text/event-stream', connection: 'close' } };
      for (const step of play(toTokens(settings.answer(taken)))) {
        if (settings.chunkDelayMs > 0) yield { type: 'delay', ms: settings.chunkDelayMs };
        yield step;
      }
      isDone = true;
      yield { type: 'end' };
    } finally {
      const unlock = () => {
        isRunning = false;
      };
      if (isDone) unlock();
      else setTimeout(unlock, settings.lockMs);
    }
  }

  function chat(request: FaultRequest): Steps {
    const body = request.json() as Record<string, unknown>;
    const model = String(body.model);
    const wrong = chatFault(body, settings.tier);
    if (wrong !== undefined) return refuse(400, wrong);
    const messages = body.messages as { role: string; content: string }[];
    const taken: NovelAiAsked = { kind: 'chat', body, text: messages.at(-1)?.content ?? '' };
    const head = { id: 'c1', object: 'chat.completion.chunk', created: 1_795_340_000, model };
    const chunk = (content: string, finish_reason: string | null, token_ids: number[]): Step => {
      const choice = { index: 0, delta: { content }, finish_reason, token_ids, stop_reason: null, matched_stop: null };
      return { type: 'write', data: `data: ${JSON.stringify({ ...head, choices: [choice] })}\n\n` };
    };
    // Without a stream it answers with nothing.
    if (body.stream !== true)
      return respondJson(200, { ...head, choices: [{ index: 0, message: { role: 'assistant', content: '' } }] });
    return generation(taken, function* (tokens) {
      const most = Number(body.max_tokens ?? Number.POSITIVE_INFINITY);
      for (const token of tokens.slice(0, most)) yield chunk(token, null, [1024]);
      yield chunk('', tokens.length > most ? 'length' : 'stop', []);
      yield { type: 'write', data: 'data: [DONE]\n\n' };
    });
  }

  function story(request: FaultRequest): Steps {
    const body = request.json() as { input: string; model: string; parameters: Record<string, unknown> };
    const host = storyHosts[body.model];
    const isElsewhere = request.headers.host?.endsWith('.novelai.net') && request.headers.host !== host;
    if (host === undefined || isElsewhere) return refuse(400, `model ${body.model} is not available`);
    const { parameters } = body;
    if (parameters.use_string !== true) return refuse(400, 'input must be a base64 string');
    if (parameters.repetition_penalty_slope === 0 || parameters.repetition_penalty_range === 0)
      return refuse(500, 'Unknown error');
    const most = Math.min(Number(parameters.max_length), settings.tier >= 3 && body.model !== 'clio-v1' ? 250 : 150);
    return generation({ kind: 'story', body: { ...body }, text: body.input }, function* (tokens) {
      const told = tokens.slice(0, most);
      for (const [ptr, token] of told.entries()) {
        const event = { token, ptr, final: ptr === told.length - 1 };
        yield { type: 'write', data: `event: newToken\nid: ${ptr + 1}\ndata:${JSON.stringify(event)}\n\n` };
      }
    });
  }

  fault.on('*', /./, refuse(404, 'Not Found'));
  fault.on(
    'GET',
    '/user/subscription',
    guarded(() => respondJson(200, { tier: settings.tier, active: settings.active, expiresAt: 1_798_761_600 })),
  );
  fault.on(
    'GET',
    '/oa/v1/models',
    guarded(() => respondJson(200, { object: 'list', data: chatModels.map((id) => ({ id, object: 'model' })) })),
  );
  const subscribed = (answer: (request: FaultRequest) => Steps) =>
    guarded((request) => (settings.active ? answer(request) : refuse(402, 'An active subscription is required.')));
  fault.on('POST', '/oa/v1/chat/completions', subscribed(chat));
  fault.on('POST', '/ai/generate-stream', subscribed(story));

  return {
    baseUrl: fault.url,
    fault,
    asked,
    get locked() {
      return locked;
    },
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}

const chatFields = new Set([
  ...['model', 'messages', 'temperature', 'max_tokens', 'top_p', 'top_k', 'min_p', 'frequency_penalty', 'presence_penalty'],
  ...['stop', 'stream', 'seed', 'n', 'enable_thinking', 'generation_prefix'],
]);

/** What it refuses of a chat, in its words; tools, schemas and parts that are no text are unknown to it. */
function chatFault(body: Record<string, unknown>, tier: number): string | undefined {
  const model = String(body.model);
  const unknown = Object.keys(body).find((field) => !chatFields.has(field));
  if (unknown !== undefined) return `property ${unknown} should not exist`;
  if (!chatModels.includes(model)) return `model '${model}' not found`;
  if (model === 'xialong-v1' && tier < 3) return `model 'xialong-v1' not allowed for current user tier '${tierNames[tier]}'`;
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) return 'messages should not be empty';
  if (messages.some(({ content }: { content: unknown }) => typeof content !== 'string')) return 'content must be a string';
  return undefined;
}
