/** Owns `/embeddings`: texts in, vectors out, as numbers or as the bytes that OpenAI's own client asks for. */

import { toBase64 } from '../../protocol/base64';
import type { Embeddings } from '../../protocol/generate';
import { type Fields, present } from './fields';
import { jsonAnswer, type WireAnswer, WireError } from './wire-error';

/** `POST /embeddings` (OpenAI API reference). @throws WireError, AiError `not-supported` where the backend makes none */
export async function answerEmbeddings(
  body: Fields,
  serve: (call: { readonly type: string } & Fields) => Promise<unknown>,
): Promise<WireAnswer> {
  const input = typeof body.input === 'string' ? [body.input] : body.input;
  if (!Array.isArray(input) || input.some((text) => typeof text !== 'string'))
    throw new WireError("'input' must be a string or an array of strings: tokens are not supported here.", 'input');
  const request = present({ input, model: body.model, dimensions: body.dimensions });
  // The table pairs the operation with its answer.
  const { model, vectors, inputTokens } = (await serve({ type: 'embed', request })) as Embeddings;
  const encode = body.encoding_format === 'base64' ? bytesOf : (vector: readonly number[]) => vector;
  return jsonAnswer({
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    model,
    ...(inputTokens !== undefined && { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
  });
}

/** 32-bit floats, the smaller end first. */
function bytesOf(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true);
  return toBase64(new Uint8Array(view.buffer));
}
