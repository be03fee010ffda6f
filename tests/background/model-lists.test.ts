import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { createModelLists } from '../../background/model-lists';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { createArea } from './support/area';
import { createBackground } from './support/background';

const id = toConnectionId('c1');

async function setUp(providerId = 'openai') {
  const { database } = createBackground();
  await database.connections.add({ id, providerId, name: 'One', createdAt: 1 });
  const session = createArea();
  const models = vi.fn(async () => [
    { id: 'gpt-5-mini', name: 'gpt-5-mini' },
    { id: 'of-mine', name: 'of-mine' },
  ]);
  const onChange = vi.fn();
  const start = () => createModelLists({ database, session, connections: { models }, onChange });
  return { database, models, onChange, start, lists: start() };
}

test('a price that the provider does not tell comes from the snapshot; what nobody knows stays unknown', async () => {
  const { lists } = await setUp();
  const [mini, mine] = await lists.ask(id);
  expect(mini?.pricing?.input).toBeGreaterThan(0);
  expect(mine).toEqual({ id: 'of-mine', name: 'of-mine' });
});

test('of another provider nothing is guessed', async () => {
  const { lists } = await setUp('openrouter');
  expect((await lists.ask(id))[0]).toEqual({ id: 'gpt-5-mini', name: 'gpt-5-mini' });
});

test('a list is there again after the background died, until its connection goes', async () => {
  const { lists, start, models } = await setUp();
  expect(await lists.known(id)).toBeUndefined();
  const asked = await lists.ask(id);
  expect(await start().known(id)).toEqual(asked);
  expect(models).toHaveBeenCalledOnce();
  await lists.forget(id);
  expect(await start().known(id)).toBeUndefined();
});

test('the list of a connection that went meanwhile comes as it is', async () => {
  const { lists, database } = await setUp();
  await database.connections.delete(id);
  expect((await lists.ask(id))[0]).toEqual({ id: 'gpt-5-mini', name: 'gpt-5-mini' });
});

test('stars are kept with the connection, each once, the newest last', async () => {
  const { lists, database, onChange } = await setUp();
  for (const model of ['a', 'b', 'a']) await lists.setFavourite(id, model, true);
  expect((await database.connections.get(id))?.favourites).toEqual(['b', 'a']);
  await lists.setFavourite(id, 'b', false);
  expect((await database.connections.get(id))?.favourites).toEqual(['a']);
  expect(onChange).toHaveBeenCalledTimes(4);
});

test('of too many stars the oldest go', async () => {
  const { lists, database } = await setUp();
  for (let index = 0; index <= limits.favourites; index += 1) await lists.setFavourite(id, `m${index}`, true);
  const kept = (await database.connections.get(id))?.favourites ?? [];
  expect([kept.length, kept[0]]).toEqual([limits.favourites, 'm1']);
});
