/** Owns `/models`: what the site may name as its model. It asks for that like a page that connects: with a card. */

import type { PageModel } from '../../protocol/page-messages';
import type { Fields } from './fields';
import { jsonAnswer, type WireAnswer, WireError } from './wire-error';

type Serve = (call: { readonly type: string } & Fields) => Promise<unknown>;

/** @throws AiError `not-allowed` where the person says no */
async function modelsOf(serve: Serve): Promise<readonly PageModel[]> {
  await serve({ type: 'connect', scopes: ['models.read'] });
  // The table pairs the operation with its answer.
  return (await serve({ type: 'models' })) as readonly PageModel[];
}

const toWire = ({ id, contextTokens }: PageModel) => ({
  id,
  object: 'model',
  created: 0,
  owned_by: 'oriel',
  // Not OpenAI's, and read by many front ends.
  ...(contextTokens !== undefined && { context_length: contextTokens }),
});

/** `GET /models` */
export const listModels = async (serve: Serve): Promise<WireAnswer> =>
  jsonAnswer({ object: 'list', data: (await modelsOf(serve)).map(toWire) });

/** `GET /models/{model}` @throws WireError where the site may name no such model */
export async function oneModel(id: string, serve: Serve): Promise<WireAnswer> {
  const model = (await modelsOf(serve)).find((one) => one.id === id);
  if (!model) throw new WireError('There is no such model here.', 'model', { status: 404, code: 'model_not_found' });
  return jsonAnswer(toWire(model));
}
