/** A stand-in for LM Studio: the OpenAI stand-in with a richer model list beside it, a token of its own shape, and 200 for what it does not know. */
import { type FaultRequest, respondJson, type Steps } from '../faultd';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server';

const listed = [
  { id: 'qwen/qwen3-8b', type: 'llm', state: 'loaded', max_context_length: 40_960, loaded_context_length: 8192 },
  { id: 'text-embedding-nomic-embed-text-v1.5', type: 'embeddings', state: 'not-loaded', max_context_length: 2048 },
];

/** Starts the server on a free port. */
export async function startLmStudio({ apiKey, ...options }: OpenAiServerOptions = {}): Promise<OpenAiServer> {
  const models = listed.map(({ id }) => id);
  const server = await startOpenAiServer({ extraFields: ['top_k', 'repeat_penalty'], ...options, apiKey, models });
  const { fault } = server;
  const guarded = (answer: (request: FaultRequest) => Steps) => (request: FaultRequest) => {
    const given = request.headers.authorization?.replace(/^Bearer /, '');
    if (apiKey === undefined || given === apiKey) return answer(request);
    const message = given
      ? 'Malformed LM Studio API token provided'
      : 'An LM Studio API token is required to make requests to this server';
    return respondJson(401, { error: { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' } });
  };
  fault.on('GET', /./, ({ method, path }) => respondJson(200, { error: `Unexpected endpoint or method. (${method} ${path})` }));
  fault.on(
    'GET',
    '/api/v0/models',
    guarded(() => respondJson(200, { object: 'list', data: listed.map((model) => ({ object: 'model', ...model })) })),
  );
  fault.on(
    'GET',
    '/v1/models',
    guarded(() => respondJson(200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) })),
  );
  return server;
}
