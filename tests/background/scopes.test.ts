import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  anyModel,
  type Choice,
  classicScopes,
  covers,
  furthest,
  type Grant,
  isFurther,
  merge,
  missing,
  scopesOf,
  type Use,
} from '../../background/scopes';
import type { Part, Place } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import type { PageCall } from '../../protocol/page-messages';
import { scopes } from '../../protocol/scopes';
import { cloud, grant, here } from './support/grants';

const places: readonly Place[] = ['this-computer', 'network', 'cloud', 'volunteers'];
const generate = (content: readonly Part[], fields: object = {}): PageCall => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content }], ...fields },
});
const text: Part = { type: 'text', text: 'Hi' };
const use = (change: Partial<Use> = {}): Use => ({ scopes: ['generate'], choices: [here], ...change });

test.each<[string, PageCall, readonly string[]]>([
  ['text', generate([text]), ['generate']],
  ['an image', generate([text, { type: 'image', mediaType: 'image/png', data: '' }]), ['generate', 'image.in']],
  ['sound', generate([{ type: 'audio', mediaType: 'audio/wav', data: '' }]), ['generate', 'audio.in']],
  ['tools', generate([text], { tools: [] }), ['generate', 'tools']],
  ['a tool’s result', generate([{ type: 'tool-result', id: '1', result: '' }]), ['generate', 'tools']],
  ['a tool’s call', generate([{ type: 'tool-call', id: '1', name: 'x', arguments: '{}' }]), ['generate', 'tools']],
  ['the name of the model', { type: 'current-model' }, ['models.read']],
  ['a wish for permission', { type: 'connect', scopes: [] }, ['generate']],
  ['more wishes', { type: 'connect', scopes: ['audio.in', 'models.choose'] }, ['generate', 'models.choose', 'audio.in']],
  ['what can be done', { type: 'capabilities' }, ['generate']],
  ['the models', { type: 'models' }, ['models.read']],
  ['a measure', { type: 'measure', messages: [] }, ['generate']],
  ['embeddings', { type: 'embed', request: { input: ['Hi'] } }, ['embed']],
  ['OpenAI’s API, which stands for another', { type: 'openai', endpoint: 'POST /completions', body: '' }, []],
  ['who answers', { type: 'language-model' }, ['generate']],
])('T35 a call with %s takes exactly its scopes', (_name, call, expected) => {
  expect(scopesOf(call)).toEqual(expected);
});

test.each(['embeddings', 'constructor', '__proto__', 'toString', ''])(
  'T34 the operation "%s" is none, so nothing covers it',
  (type) => {
    expect(scopesOf({ type } as never)).toBeUndefined();
  },
);

// Generated from the tables: a new scope or a new operation is denied until somebody gives it.
const calls = [
  generate([text], { tools: [] }),
  ...[{ type: 'current-model' } as const, { type: 'capabilities' } as const, { type: 'models' } as const],
  ...[{ type: 'connect', scopes: ['tools'] } as const, { type: 'measure', messages: [] } as const],
];
test.each(calls.flatMap((call) => scopes.map((scope) => [call.type, scope, call] as const)))(
  'T34 %s with nothing but the scope %s is covered only where that is all it takes',
  (_type, scope, call) => {
    const needed = scopesOf(call) ?? [];
    const isAll = needed.every((one) => one === scope);
    expect(covers(grant({ scopes: [scope] }), { scopes: needed, choices: [here] })).toBe(isAll);
  },
);

test('T36 a grant with an empty list covers nothing, and neither does one for a use without scopes', () => {
  expect(covers(grant(), use())).toBe(true);
  expect(covers(grant({ scopes: [] }), use())).toBe(false);
  expect(covers(grant({ models: [] }), use())).toBe(false);
  expect(covers(grant({ scopes }), use({ scopes: [] }))).toBe(false);
});

test.each<[string, Partial<Grant>, Partial<Choice>, boolean]>([
  ['the model it names', { models: ['m'] }, {}, true],
  ['another model', { models: ['m'] }, { model: 'n' }, false],
  ['a model that is not known yet', { models: ['m'] }, { model: undefined }, false],
  ['any model, known or not', { models: [anyModel] }, { model: undefined }, true],
  ['the connection it names', { connection: here.connection }, {}, true],
  ['another connection', { connection: here.connection }, { connection: cloud.connection }, false],
  ['a nearer place', { place: 'cloud' }, {}, true],
  ['a further place', {}, { place: 'network' }, false],
])('T35 a grant and %s', (_name, change, choice, expected) => {
  expect(covers(grant(change), use({ choices: [{ ...here, ...choice }] }))).toBe(expected);
});

test('a grant covers a chain only where it covers everyone in it', () => {
  expect(covers(grant(), use({ choices: [here, cloud] }))).toBe(false);
  expect(covers(grant({ place: 'cloud' }), use({ choices: [here, cloud] }))).toBe(true);
});

test('places are in the order in which words leave the person’s hands', () => {
  for (const [index, place] of places.entries())
    for (const [other, than] of places.entries()) expect(isFurther(place, than)).toBe(index > other);
  expect(furthest(['network', 'volunteers', 'cloud'])).toBe('volunteers');
  expect(furthest([])).toBe('this-computer');
});

const anyGrant = fc
  .record({
    scopes: fc.subarray([...scopes]),
    models: fc.oneof(fc.constant([anyModel]), fc.subarray(['m', 'n', 'o'])),
    connection: fc.constantFrom<'active' | 'a' | 'b'>('active', 'a', 'b'),
    place: fc.constantFrom(...places),
    mode: fc.constantFrom('visit' as const, 'always' as const),
    issuedAt: fc.nat(100),
  })
  .map(({ connection, ...rest }) =>
    grant({ ...rest, connection: connection === 'active' ? connection : toConnectionId(connection) }),
  );
const anyUse = fc.record({
  scopes: fc.subarray([...scopes]),
  choices: fc.array(
    fc.record({
      connection: fc.constantFrom('a', 'b').map(toConnectionId),
      model: fc.constantFrom('m', 'n', undefined),
      place: fc.constantFrom(...places),
    }),
    { maxLength: 3 },
  ),
});

test('T37 property: a merged grant covers whatever the added one covers', () => {
  fc.assert(
    fc.property(fc.option(anyGrant, { nil: undefined }), anyGrant, anyUse, (old, added, some) => {
      if (covers(added, some)) expect(covers(merge(old, added), some)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('T37 property: merging twice is merging once, and the later one says how long', () => {
  fc.assert(
    fc.property(fc.option(anyGrant, { nil: undefined }), anyGrant, (old, added) => {
      const once = merge(old, added);
      expect(merge(once, added)).toEqual(once);
      expect(once).toMatchObject({ mode: added.mode, issuedAt: added.issuedAt, expiresAt: added.expiresAt });
    }),
    { numRuns: 1000 },
  );
});

test('T37 property: what is new is what the use takes and the old grant lacks, and nothing comes from nowhere', () => {
  fc.assert(
    fc.property(fc.option(anyGrant, { nil: undefined }), anyGrant, anyUse, (old, added, some) => {
      const asked = missing(old, some);
      expect(asked.every((scope) => some.scopes.includes(scope) && !old?.scopes.includes(scope))).toBe(true);
      const merged = merge(old, added);
      for (const scope of merged.scopes) expect([...(old?.scopes ?? []), ...added.scopes]).toContain(scope);
      for (const model of merged.models) expect([...(old?.models ?? []), ...added.models]).toContain(model);
      expect([old?.place, added.place]).toContain(merged.place);
    }),
    { numRuns: 1000 },
  );
});

test('T37 what was granted for one connection is not carried over to another', () => {
  const old = grant({ connection: here.connection, scopes: ['generate', 'tools'], place: 'cloud' });
  expect(merge(old, grant({ connection: cloud.connection }))).toMatchObject({ scopes: classicScopes, place: 'this-computer' });
});
