/** Embeddings in the wire formats of those who make them, as routes on top of a stand-in server. What a text becomes can be checked by eye. */

import { type FaultServer, respondJson } from '../faultd';

type Json = Record<string, unknown>;

/** Its length and its first character. */
export const vectorOf = (text: string): number[] => [text.length, text.charCodeAt(0)];

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string' && text !== '');

/** `POST /v1/embeddings` (OpenAI API reference), in no particular order; so do KoboldCPP, llama.cpp and the others. */
export function serveOpenAiEmbeddings(fault: FaultServer): Json[] {
  const bodies: Json[] = [];
  fault.on('POST', '/v1/embeddings', (request) => {
    const body = request.json() as Json;
    bodies.push(body);
    const { input, model } = body;
    if (!isTexts(input) || input.length > 2048)
      return respondJson(400, {
        error: { message: "'$.input' is invalid.", type: 'invalid_request_error', param: null, code: null },
      });
    const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).reverse();
    return respondJson(200, { object: 'list', model, data, usage: { prompt_tokens: input.length, total_tokens: input.length } });
  });
  return bodies;
}

/** `POST /api/embed` (Ollama's API documentation). */
export function serveOllamaEmbeddings(fault: FaultServer, models: readonly string[]): Json[] {
  const bodies: Json[] = [];
  fault.on('POST', '/api/embed', (request) => {
    const body = request.json() as Json;
    bodies.push(body);
    const { input, model } = body;
    if (!models.includes(String(model))) return respondJson(404, { error: `model "${model}" not found, try pulling it first` });
    if (!isTexts(input)) return respondJson(400, { error: 'invalid input type' });
    return respondJson(200, { model, embeddings: input.map(vectorOf), total_duration: 1, prompt_eval_count: input.length });
  });
  return bodies;
}

/** `POST /v1beta/models/{model}:batchEmbedContents` (Gemini API reference). */
export function serveGeminiEmbeddings(fault: FaultServer): Json[] {
  const bodies: Json[] = [];
  fault.on('POST', /:batchEmbedContents$/, (request) => {
    const body = request.json() as { requests: { model: string; content: { parts: { text: string }[] } }[] };
    bodies.push(body);
    const isRight =
      body.requests.length <= 100 && body.requests.every(({ model }) => request.path.endsWith(`${model}:batchEmbedContents`));
    if (!isRight)
      return respondJson(400, {
        error: { code: 400, message: 'at most 100 requests can be in one batch', status: 'INVALID_ARGUMENT' },
      });
    return respondJson(200, {
      embeddings: body.requests.map(({ content }) => ({ values: vectorOf(content.parts[0]?.text ?? '') })),
    });
  });
  return bodies;
}
