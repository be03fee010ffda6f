/** A stand-in for openrouter.ai: OpenAI's wire format, a model list that is open to everyone, a route that tells about the key, and costs. */
import { respondJson } from '../faultd';
import { type OpenAiServer, startOpenAiServer } from './openai-server';

export interface OpenRouterOptions {
  readonly apiKey: string;
  readonly models?: readonly string[];
  /** Of each answer, in USD. */
  readonly costUsd?: number;
}

/** Starts the server on a free port. */
export async function startOpenRouterServer({
  apiKey,
  models = ['acme/one', 'openrouter/auto'],
  costUsd = 0,
}: OpenRouterOptions): Promise<OpenAiServer> {
  const usage = { prompt_tokens: 10, completion_tokens: 8, cost: costUsd };
  const server = await startOpenAiServer({
    path: '/api/v1',
    apiKey,
    models: [...models],
    answer: () => ({ text: 'You are routed.', usage }),
  });
  const pricing = { prompt: '0.0000004', completion: '0.0000016' };
  const listed = models.map((id) => ({ id, name: id, context_length: 131_072, pricing }));
  server.fault.on('GET', '/api/v1/models', respondJson(200, { data: listed }));
  server.fault.on('GET', '/api/v1/key', ({ headers }) =>
    headers.authorization === `Bearer ${apiKey}`
      ? respondJson(200, { data: { label: 'sk-or-…', limit: 10, limit_remaining: 7.5, usage: 2.5, is_free_tier: false } })
      : respondJson(401, { error: { message: 'User not found.', code: 401 } }),
  );
  return server;
}
