import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, isGranted, isShut } from '../../background/gate';
import type { SiteState } from '../../background/grants';
import type { Use } from '../../background/scopes';
import type { Place } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { scopes } from '../../protocol/scopes';
import { cloud, grant, here } from './support/grants';

const now = 1_700_000_000_000;
const nothing: SiteState = { grants: [], useHere: false, asksEveryTime: false };
const grants = [grant()];
const refusals = (count: number) => ({ count, at: now - 1000 });
const use: Use = { scopes: ['generate'], choices: [here] };

test.each<[string, Partial<SiteState>, boolean, string]>([
  ['nothing', {}, false, 'ask'],
  ['a grant', { grants }, false, 'allow'],
  ['an empty grant', { grants: [grant({ scopes: [] })] }, false, 'ask'],
  ['a grant of something else', { grants: [grant({ scopes: ['embed'] })] }, false, 'ask'],
  ['two grants, one of which covers it', { grants: [grant({ scopes: [] }), grant()] }, false, 'allow'],
  ['one refusal', { refusals: refusals(1) }, false, 'ask'],
  ['no refusal any more', { refusals: refusals(0) }, false, 'ask'],
  ['as many refusals as are asked for', { refusals: refusals(limits.refusalsPerVisit) }, false, 'deny'],
  ['a grant after refusals', { grants, refusals: refusals(5) }, false, 'allow'],
  ['a mute', { mute: { since: now } }, false, 'deny'],
  ['a mute and a grant', { mute: { since: now }, grants }, false, 'deny'],
  ['a grant, asked every time', { grants, asksEveryTime: true }, false, 'ask'],
  ['refusals, asked every time', { refusals: refusals(9), asksEveryTime: true }, false, 'ask'],
  ['a mute, asked every time', { mute: { since: now }, asksEveryTime: true }, false, 'deny'],
  ['a block', { blockedAt: now }, false, 'deny'],
  ['a block at the beginning of time', { blockedAt: 0 }, false, 'deny'],
  ['a block and every grant', { blockedAt: now, grants, useHere: true }, false, 'deny'],
  ['nothing, on plain http', {}, true, 'deny'],
  ['a grant, on plain http', { grants }, true, 'deny'],
  ['Use here, on plain http', { useHere: true }, true, 'ask'],
  ['Use here and a grant, on plain http', { useHere: true, grants }, true, 'allow'],
  ['Use here alone, where it is not needed', { useHere: true }, false, 'ask'],
])('with %s (insecure: %#) the answer is as told', (_name, state, insecure, expected) => {
  expect(decide({ site: { ...nothing, ...state }, use, insecure }).type).toBe(expected);
});

test('T34 an unknown operation is denied, whatever the site holds', () => {
  const everything = { ...nothing, grants: [grant({ scopes, place: 'volunteers' })] };
  expect(decide({ site: everything, use: undefined, insecure: false })).toEqual({ type: 'deny' });
});

test.each(scopes)('T34 %s without a grant is asked for, never allowed', (scope) => {
  expect(decide({ site: nothing, use: { scopes: [scope], choices: [here] }, insecure: false })).toEqual({ type: 'ask' });
});

test.each<[string, Place[], Place | undefined]>([
  ['nothing was given', [], undefined],
  ['it was given for this computer', ['this-computer'], 'this-computer'],
  ['it was given for the network as well', ['this-computer', 'network'], 'network'],
])('a request that goes to the cloud where %s is asked for with how far it went until now', (_name, given, until) => {
  const site = { ...nothing, grants: given.map((place) => grant({ place })) };
  expect(decide({ site, use: { ...use, choices: [here, cloud] }, insecure: false })).toEqual({ type: 'ask', until });
});

test('a scope that is missing is asked for by itself: the site’s words have gone nowhere yet', () => {
  const site = { ...nothing, grants: [grant()] };
  expect(decide({ site, use: { scopes: ['tools'], choices: [cloud] }, insecure: false })).toEqual({
    type: 'ask',
    until: undefined,
  });
});

test('a model that the grant does not name goes no further', () => {
  const site = { ...nothing, grants: [grant({ models: ['other'] })] };
  expect(decide({ site, use, insecure: false })).toEqual({ type: 'ask', until: undefined });
});

const anySite: fc.Arbitrary<SiteState> = fc.record({
  grants: fc.array(
    fc.record({ scopes: fc.subarray([...scopes]), place: fc.constantFrom<Place>('this-computer', 'cloud') }).map(grant),
    { maxLength: 2 },
  ),
  blockedAt: fc.option(fc.nat(), { nil: undefined }),
  refusals: fc.option(fc.record({ count: fc.nat(5), at: fc.nat() }), { nil: undefined }),
  mute: fc.option(fc.record({ since: fc.nat() }), { nil: undefined }),
  useHere: fc.boolean(),
  asksEveryTime: fc.boolean(),
});
const rank = { deny: 0, ask: 1, allow: 2 } as const;

test('property: adding a grant never denies more', () => {
  fc.assert(
    fc.property(anySite, fc.boolean(), fc.boolean(), (site, insecure, useHere) => {
      const before = decide({ site, use, insecure });
      const after = decide({
        site: { ...site, grants: [...site.grants, grant()], useHere: site.useHere || useHere },
        use,
        insecure,
      });
      expect(rank[after.type]).toBeGreaterThanOrEqual(rank[before.type]);
    }),
  );
});

test('property: what is allowed is granted, and a block shuts everything', () => {
  fc.assert(
    fc.property(anySite, fc.boolean(), (site, insecure) => {
      const { type } = decide({ site, use, insecure });
      if (type === 'allow') expect([isGranted(site, 'generate'), isShut(site, insecure)]).toEqual([true, false]);
      if (isShut(site, insecure)) expect(type).toBe('deny');
      if (site.blockedAt !== undefined) expect([type, isGranted(site, 'generate')]).toEqual(['deny', false]);
    }),
  );
});
