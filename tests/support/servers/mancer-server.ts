/** A stand-in for Mancer: Chat Completions below `/oai/v1` with a key in a header of its own, tools refused, and models that want paid credit. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { limit, type Pace, streamChat } from './openai-answers';
import type { ChatRequest } from './openai-chat-rules';

export interface MancerOptions extends Partial<Pace> {
  apiKey?: string;
  /** The account has paid for credit. */
  hasCredit?: boolean;
  answer?: string;
}

export interface MancerServer {
  readonly fault: FaultServer;
  /** The requests that were accepted, in order. */
  readonly chats: ChatRequest[];
  set(options: MancerOptions): void;
  close(): Promise<void>;
}

const models = [
  {
    id: 'magnum-72b-v4',
    name: 'Magnum 72B v4',
    limits: { context: 16_384, completion: 1024 },
    pricing: { prompt: 3, completion: 6 },
  },
  { id: 'mytholite', name: 'MythoLite', limits: { context: 2560, completion: 150 }, pricing: { prompt: 0, completion: 0 } },
];

const refuse = (status: number, type: string, message: string): Step[] => respondJson(status, { error: { type, message } });

/** Starts the server on a free port. */
export async function startMancerServer(options: MancerOptions = {}): Promise<MancerServer> {
  const fault = await startFaultServer();
  const chats: ChatRequest[] = [];
  let settings: Required<MancerOptions> = {
    ...{ apiKey: 'mcr_test', hasCredit: true, answer: 'A carp.', headDelayMs: 0, firstByteDelayMs: 0, chunkDelayMs: 0 },
    ...options,
  };
  const guarded = (answer: (request: FaultRequest) => Steps) => (request: FaultRequest) =>
    request.headers['x-api-key'] === settings.apiKey ? answer(request) : refuse(401, 'UNAUTHORIZED', 'Bad API key');

  function chat(request: FaultRequest): Steps {
    const body = request.json() as ChatRequest & { allow_logging?: boolean };
    const model = models.find(({ id }) => id === body.model);
    if (model === undefined) return refuse(400, 'BAD_PARAMETERS', 'Unknown Model');
    if (body.tools) return refuse(400, 'BAD_PARAMETERS', '"auto" tool choice requires --enable-auto-tool-choice');
    if ((body.max_tokens ?? 0) > model.limits.completion)
      return refuse(400, 'BAD_PARAMETERS', `max_tokens: must be at most ${model.limits.completion}`);
    if (model.pricing.prompt > 0 && !settings.hasCredit)
      return refuse(402, 'CANT_AFFORD', 'This model requires paid credits to use!');
    chats.push(body);
    return streamChat(body, [limit({ text: settings.answer }, body)], settings);
  }

  fault.on(
    'GET',
    '/oai/v1/models',
    guarded(() => respondJson(200, { data: models })),
  );
  fault.on('POST', '/oai/v1/chat/completions', guarded(chat));

  return {
    fault,
    chats,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}
