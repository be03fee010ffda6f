/** Texts that become vectors, through the whole background: which model makes them, and what of the texts goes out. */

import { beforeEach, expect, test } from 'vitest';
import type { Embeddings } from '../../protocol/generate';
import type { Wire } from '../protocol/support/wire';
import { type Background, createBackground, serverAddress } from './support/background';
import { eventually } from './support/eventually';

let background: Background;
let page: Wire;
beforeEach(() => {
  background = createBackground();
  background.backend.otherwise = ({ url, body }) => {
    if (!url.endsWith('/embeddings')) return undefined;
    const { input } = body as { input: string[] };
    return Response.json({ data: input.map((text, index) => ({ index, embedding: [text.length] })) });
  };
  page = background.page();
});

const connect = (providerId: string) =>
  background
    .screen()
    .call('connection-add', { providerId, ...(providerId !== 'openai' && { baseUrl: serverAddress }), key: 'k' });
const sent = () => background.backend.sent.filter(({ url }) => url.endsWith('/embeddings')).map(({ body }) => body);

let ids = 0;
/** Asks as a page, and as the person who allows this visit at the first time. */
async function embed(request: { readonly input: readonly string[]; readonly model?: string }) {
  ids += 1;
  const id = `e${ids}`;
  page.request(id, { type: 'embed', request });
  if (ids === 1) await background.decide('allow-visit');
  return page.settled(id);
}
beforeEach(() => {
  ids = 0;
});

test('the model that a page asks for is taken where it makes embeddings; any other gives way to the first that does', async () => {
  await connect('openai');
  await embed({ input: ['one'], model: 'text-embedding-3-large' });
  await embed({ input: ['one'], model: 'gpt-4o-mini' });
  await embed({ input: ['one'] });
  expect(sent()).toMatchObject([
    { model: 'text-embedding-3-large' },
    { model: 'text-embedding-3-small' },
    { model: 'text-embedding-3-small' },
  ]);
});

test('only what the person left of the texts becomes vectors', async () => {
  await connect('openai-compatible');
  page.request('1', { type: 'embed', request: { input: ['My secret plan', 'tea'] } });
  const { id, digest } = await background.card();
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'My plan' }] }];
  await background.screen().call('approval-decide', { id, digest, decision: 'allow-visit', messages });
  const { value } = (await page.settled('1')) as unknown as { value: Embeddings };
  expect(value.vectors).toEqual([[7]]);
  expect(JSON.stringify(background.backend.sent)).not.toContain('secret');
});

test.each(['anthropic', 'koboldai'])('%s makes none, and nothing is sent to it', async (providerId) => {
  await background
    .screen()
    .call('connection-add', { providerId, ...(providerId === 'koboldai' && { baseUrl: serverAddress }), key: 'k' });
  const before = background.backend.sent.length;
  expect(await embed({ input: ['one'] })).toMatchObject({ type: 'error', error: { code: 'not-supported' } });
  expect(background.backend.sent).toHaveLength(before);
});

test('the call stands in Activity, and where the backend counts no tokens Oriel estimates them', async () => {
  await connect('openai-compatible');
  expect(await embed({ input: ['one', 'three'] })).toMatchObject({ value: { vectors: [[3], [5]] } });
  // The books are closed behind the answer.
  await eventually(async () => {
    const [logged] = await background.database.activity.toArray();
    expect(logged).toMatchObject({ outcome: 'answered', usage: { outputTokens: 0, estimated: true } });
  });
});
