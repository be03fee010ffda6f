import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, isGranted } from '../../background/gate';
import type { SiteState } from '../../background/grants';
import { limits } from '../../protocol/limits';

const now = 1_700_000_000_000;
const nothing: SiteState = { useHere: false };
const visit = { since: now - 1000 };
const always = { issuedAt: now - 5000, lastUsedAt: now - 1000 };
const refusals = (count: number) => ({ count, at: now - 1000 });

test.each<[string, Partial<SiteState>, boolean, string]>([
  ['nothing', {}, false, 'ask'],
  ['a visit', { visit }, false, 'allow'],
  ['a visit in its last millisecond', { visit: { since: now - limits.visitTtl + 1 } }, false, 'allow'],
  ['a visit that just ended', { visit: { since: now - limits.visitTtl } }, false, 'ask'],
  ['a visit from the future', { visit: { since: now + 1 } }, false, 'ask'],
  ['a permanent grant', { always }, false, 'allow'],
  [
    'a permanent grant, last used almost too long ago',
    { always: { issuedAt: 0, lastUsedAt: now - limits.alwaysUnusedTtl + 1 } },
    false,
    'allow',
  ],
  ['a permanent grant that lapsed', { always: { issuedAt: 0, lastUsedAt: now - limits.alwaysUnusedTtl } }, false, 'ask'],
  ['a permanent grant from the future', { always: { issuedAt: now, lastUsedAt: now + 1 } }, false, 'ask'],
  ['a lapsed grant and an open visit', { visit, always: { issuedAt: 0, lastUsedAt: 0 } }, false, 'allow'],
  ['one refusal', { refusals: refusals(1) }, false, 'ask'],
  ['no refusal any more', { refusals: refusals(0) }, false, 'ask'],
  ['as many refusals as are asked for', { refusals: refusals(limits.refusalsPerVisit) }, false, 'deny'],
  ['a visit after refusals', { visit, refusals: refusals(5) }, false, 'allow'],
  ['a block', { blockedAt: now }, false, 'deny'],
  ['a block at the beginning of time', { blockedAt: 0 }, false, 'deny'],
  ['a block and every grant', { blockedAt: now, visit, always, useHere: true }, false, 'deny'],
  ['nothing, on plain http', {}, true, 'deny'],
  ['a visit, on plain http', { visit }, true, 'deny'],
  ['a permanent grant, on plain http', { always }, true, 'deny'],
  ['Use here, on plain http', { useHere: true }, true, 'ask'],
  ['Use here and a visit, on plain http', { useHere: true, visit }, true, 'allow'],
  ['Use here alone, where it is not needed', { useHere: true }, false, 'ask'],
])('with %s (insecure: %#) the answer is as told', (_name, state, insecure, expected) => {
  expect(decide({ site: { ...nothing, ...state }, insecure, now })).toEqual({ type: expected });
});

const time = fc.oneof(fc.integer({ min: now - 2 * limits.alwaysUnusedTtl, max: now + 1000 }), fc.constant(0));
const anySite: fc.Arbitrary<SiteState> = fc.record({
  visit: fc.option(fc.record({ since: time }), { nil: undefined }),
  always: fc.option(fc.record({ issuedAt: time, lastUsedAt: time }), { nil: undefined }),
  blockedAt: fc.option(time, { nil: undefined }),
  refusals: fc.option(fc.record({ count: fc.nat(5), at: time }), { nil: undefined }),
  useHere: fc.boolean(),
});
const rank = { deny: 0, ask: 1, allow: 2 } as const;

test('property: adding a grant never denies more', () => {
  fc.assert(
    fc.property(anySite, fc.boolean(), time, fc.constantFrom('visit', 'always', 'useHere'), (site, insecure, since, grant) => {
      const added = {
        visit: { visit: site.visit ?? { since } },
        always: { always: site.always ?? { issuedAt: since, lastUsedAt: since } },
        useHere: { useHere: true },
      };
      const before = decide({ site, insecure, now });
      const after = decide({ site: { ...site, ...added[grant] }, insecure, now });
      expect(rank[after.type]).toBeGreaterThanOrEqual(rank[before.type]);
    }),
  );
});

test('property: what is allowed is granted, and a block or plain http alone can refuse a granted site', () => {
  fc.assert(
    fc.property(anySite, fc.boolean(), (site, insecure) => {
      const { type } = decide({ site, insecure, now });
      if (type === 'allow') expect(isGranted(site, now)).toBe(true);
      if (isGranted(site, now) && !insecure) expect(type).toBe('allow');
      if (site.blockedAt !== undefined) expect([type, isGranted(site, now)]).toEqual(['deny', false]);
    }),
  );
});
