/** What each site may do: visits, permanent grants, refusals, blocks. Private windows leave nothing in the database. */

import { limits } from '../protocol/limits';
import { type Scope, scopes } from '../protocol/scopes';
import type { PromptApiAnswerer } from '../protocol/site-rules';
import type { SiteView, Subject } from '../protocol/ui-messages';
import type { Area } from './browser-api';
import type { SiteRecord } from './database';
import { standing } from './gate';
import { type PageIdentity, type Site, siteKey, subjectKey } from './identity';
import { createMutes, type Mute } from './mutes';
import type { Rows } from './rows';
import { anyModel, type Grant, hasScope, merge } from './scopes';
import { createSiteRecords } from './site-records';
import { createStored } from './stored';

/** Everything the gate needs to know of a site. Only what holds now is in it: authority is shown by presence. */
export interface SiteState {
  readonly grants: readonly Grant[];
  readonly blockedAt?: number | undefined;
  readonly refusals?: { readonly count: number; readonly at: number } | undefined;
  readonly mute?: Mute | undefined;
  readonly useHere: boolean;
  /** Who answers its `LanguageModel`, where the person said so. */
  readonly promptApi?: PromptApiAnswerer | undefined;
  readonly asksEveryTime: boolean;
}

/** What the person said yes to. */
export type Terms = Pick<Grant, 'scopes' | 'models' | 'connection' | 'place'>;

interface Visit {
  readonly subject: Subject;
  readonly isPrivate: boolean;
  /** Tabs in which the site talked to Oriel; the visit ends with the last of them. */
  readonly tabs: readonly number[];
  readonly grant?: Grant | undefined;
  /** What single sessions of a `LanguageModel` may, the newest last. */
  readonly sessions?: Readonly<Record<string, Grant>> | undefined;
  readonly refusals?: { readonly count: number; readonly at: number } | undefined;
  /** Of a private window; what lasts is in the site's record. */
  readonly useHere?: boolean | undefined;
  readonly promptApi?: PromptApiAnswerer | undefined;
  readonly insecure: boolean;
}

export interface Grants {
  stateOf(site: Site): Promise<SiteState>;
  /** Remembers that a site talked to Oriel from this tab. */
  seen(page: PageIdentity): Promise<void>;
  /** Allows the session of the site, and nothing where it names none. */
  allowSession(site: Site, terms: Terms): Promise<void>;
  allowVisit(site: Site, terms: Terms): Promise<void>;
  allowAlways(site: Site, terms: Terms): Promise<void>;
  refuse(site: Site): Promise<void>;
  block(site: Site): Promise<void>;
  unblock(site: Site): Promise<void>;
  /** Takes back every permission; a block stays. */
  revoke(site: Site): Promise<void>;
  askAgain(site: Site): Promise<void>;
  useHere(site: Site): Promise<void>;
  answerPromptApi(site: Site, by: PromptApiAnswerer): Promise<void>;
  /** The person set who answers: what was granted for one connection holds for whom the rules name. */
  follow(site: Site): Promise<void>;
  /** Gives or takes one scope of what the site holds; a site that holds nothing gets nothing. */
  setScope(site: Site, scope: Scope, given: boolean): Promise<void>;
  /** A permanent grant lapses when unused: this is a use. */
  used(site: Site): Promise<void>;
  tabClosed(tabId: number): Promise<void>;
  /** Removes what is over. */
  sweep(): Promise<void>;
  sitesOfTab(tabId: number): Promise<readonly SiteView[]>;
  sites(): Promise<readonly SiteView[]>;
}

export function createGrants({ database, session, now }: { database: Rows; session: Area; now: () => number }): Grants {
  const visits = createStored<Readonly<Record<string, Visit>>>(session, 'visits', {});
  const mutes = createMutes(session);
  const records = createSiteRecords(database);
  let sweptAt: number | undefined;

  const changeVisit = (site: Site, change: (visit: Visit) => Visit) =>
    visits.update((all) => {
      const empty: Visit = { subject: site.subject, isPrivate: site.isPrivate, tabs: [], insecure: false };
      return { ...all, [siteKey(site)]: change(all[siteKey(site)] ?? empty) };
    });

  const changeRecord = (site: Site, change: (record: SiteRecord) => SiteRecord) => records.change(site.subject, change);
  const recordOf = async (site: Site) => (site.isPrivate ? undefined : records.of(site.subject));

  /** What is over is removed as soon as any time past its end is seen: a clock that is set back afterwards revives nothing. */
  const sweep = async (time: number) => {
    if (sweptAt !== undefined && time >= sweptAt && time - sweptAt < limits.sweep) return;
    sweptAt = time;
    await records.sweep(time);
    const isOver = (grant: Grant | undefined) => grant !== undefined && grant.expiresAt <= time;
    const hasOver = ({ grant, sessions = {} }: Visit) => isOver(grant) || Object.values(sessions).some(isOver);
    if (!Object.values(await visits.get()).some(hasOver)) return;
    const left = (sessions: Visit['sessions'] = {}) =>
      Object.fromEntries(Object.entries(sessions).filter(([, grant]) => !isOver(grant)));
    const kept = (visit: Visit): Visit => ({
      ...visit,
      grant: isOver(visit.grant) ? undefined : visit.grant,
      sessions: left(visit.sessions),
    });
    await visits.update((all) => mapValues(all, (visit) => (hasOver(visit) ? kept(visit) : visit)));
  };

  /** The grants of a site that hold now; the one that is just over makes the sweep due. */
  const live = async (found: readonly (Grant | undefined)[], time: number) => {
    const present = found.filter((grant) => grant !== undefined);
    if (present.some(({ expiresAt }) => expiresAt <= time)) sweptAt = undefined;
    await sweep(time);
    return present.filter((grant) => isLive(grant, time));
  };

  const stateOf = async (site: Site): Promise<SiteState> => {
    const time = now();
    const visit = (await visits.get())[siteKey(site)];
    // Who answers, and whether each call is asked for, holds in private windows as well; what is allowed there does not come from here.
    const kept = await records.of(site.subject);
    const record = site.isPrivate ? undefined : kept;
    return {
      grants: await live([visit?.grant, record?.always, sessionOf(visit, site)], time),
      blockedAt: record?.blockedAt,
      refusals: visit?.refusals,
      mute: await mutes.of(siteKey(site), time),
      useHere: record?.useHere ?? visit?.useHere ?? false,
      promptApi: visit?.promptApi ?? kept?.promptApi,
      asksEveryTime: kept?.rule?.asksEveryTime ?? false,
    };
  };

  const grantOf = (site: Site, terms: Terms, mode: Grant['mode']): Grant => {
    const issuedAt = now();
    const ttl = mode === 'always' ? limits.alwaysUnusedTtl : limits.visitTtl;
    return { subject: site.subject, ...terms, mode, issuedAt, expiresAt: issuedAt + ttl, lastUsedAt: issuedAt };
  };

  const allowVisit = async (site: Site, terms: Terms) => {
    await mutes.lift(siteKey(site));
    const grant = grantOf(site, terms, 'visit');
    await changeVisit(site, (visit) => ({ ...visit, grant: merge(visit.grant, grant), refusals: undefined }));
  };

  /** All of a site's grants, each where it lies. */
  const changeGrants = async (site: Site, change: (grant: Grant) => Grant) => {
    await changeVisit(site, ({ grant, sessions = {}, ...visit }) => ({
      ...visit,
      grant: grant && change(grant),
      sessions: mapValues(sessions, change),
    }));
    if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, always: record.always && change(record.always) }));
  };

  /** What lasts, but for a private window. */
  const choose = (site: Site, chosen: Pick<SiteRecord, 'useHere' | 'promptApi'>) =>
    site.isPrivate
      ? changeVisit(site, (visit) => ({ ...visit, ...chosen }))
      : changeRecord(site, (record) => ({ ...record, ...chosen }));

  const viewOf = async (site: Site, insecure: boolean): Promise<SiteView> => {
    const state = await stateOf(site);
    const view = {
      subject: site.subject,
      ...(state.asksEveryTime && { asksEveryTime: true }),
      ...(state.promptApi && { promptApi: state.promptApi }),
      ...(state.grants.some((grant) => hasScope(grant, 'models.choose')) && { choosesModel: true }),
      ...(site.isPrivate && { isPrivate: true }),
    };
    const sessions = await live(Object.values((await visits.get())[siteKey(site)]?.sessions ?? {}), now());
    return { ...view, state: standing({ ...state, grants: [...state.grants, ...sessions] }, insecure) };
  };

  return {
    stateOf,

    async seen(page) {
      const visit = (await visits.get())[siteKey(page)];
      if (visit?.tabs.includes(page.tabId) && visit.insecure === page.insecure) return;
      await changeVisit(page, (old) => ({
        ...old,
        insecure: page.insecure,
        tabs: [...old.tabs.filter((tab) => tab !== page.tabId), page.tabId],
      }));
    },

    async allowSession(site, terms) {
      const { session: named } = site;
      if (named === undefined) return;
      await changeVisit(site, (visit) => {
        const { [named]: old, ...others } = visit.sessions ?? {};
        const newest = Object.entries(others).slice(1 - limits.sessionsPerSite);
        return { ...visit, sessions: { ...Object.fromEntries(newest), [named]: merge(old, grantOf(site, terms, 'request')) } };
      });
    },

    allowVisit,

    async allowAlways(site, terms) {
      if (site.isPrivate) return allowVisit(site, terms);
      const grant = grantOf(site, terms, 'always');
      await mutes.lift(siteKey(site));
      // A block is taken back where it was made, and never by the way.
      await changeRecord(site, (record) => ({ ...record, always: merge(record.always, grant) }));
      await changeVisit(site, (visit) => ({ ...visit, refusals: undefined }));
    },

    async refuse(site) {
      await mutes.refused(siteKey(site), now());
      await changeVisit(site, (visit) => ({ ...visit, refusals: { count: (visit.refusals?.count ?? 0) + 1, at: now() } }));
    },

    async block(site) {
      await changeVisit(site, (visit) => ({
        ...visit,
        ...taken,
        ...(site.isPrivate && { refusals: { count: Number.MAX_SAFE_INTEGER, at: now() } }),
      }));
      if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, always: undefined, blockedAt: now() }));
    },

    async unblock(site) {
      if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, blockedAt: undefined }));
      await changeVisit(site, (visit) => ({ ...visit, refusals: undefined }));
    },

    async revoke(site) {
      await changeVisit(site, (visit) => ({ ...visit, ...taken, useHere: undefined }));
      if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, always: undefined, useHere: undefined }));
    },

    async askAgain(site) {
      await mutes.lift(siteKey(site));
      await changeVisit(site, (visit) => ({ ...visit, refusals: undefined }));
    },

    useHere: (site) => choose(site, { useHere: true }),
    answerPromptApi: (site, promptApi) => choose(site, { promptApi }),

    follow: (site) => changeGrants(site, (grant) => ({ ...grant, connection: 'active', models: [anyModel] })),

    setScope: (site, scope, given) =>
      changeGrants(site, (grant) => ({
        ...grant,
        scopes: scopes.filter((other) => (other === scope ? given : hasScope(grant, other))),
      })),

    async used(site) {
      const record = await recordOf(site);
      // Once an hour is exact enough for 60 days, and spares a write a request.
      if (!record?.always || now() - record.always.lastUsedAt < 3_600_000) return;
      const fresh = { lastUsedAt: now(), expiresAt: now() + limits.alwaysUnusedTtl };
      await changeRecord(site, (old) => (old.always ? { ...old, always: { ...old.always, ...fresh } } : old));
    },

    tabClosed: (tabId) =>
      visits.update((all) => {
        const left = mapValues(all, (visit) => ({ ...visit, tabs: visit.tabs.filter((tab) => tab !== tabId) }));
        return Object.fromEntries(Object.entries(left).filter(([, visit]) => visit.tabs.length > 0));
      }),

    sweep: () => sweep(now()),

    async sitesOfTab(tabId) {
      const seen = Object.values(await visits.get()).filter(({ tabs }) => tabs.includes(tabId));
      return Promise.all(
        seen.map(async (visit) => ({ ...(await viewOf(visit, visit.insecure)), ...(visit.isPrivate && { isPrivate: true }) })),
      );
    },

    async sites() {
      const recorded = await records.all();
      const known = new Set(recorded.map(({ key }) => key));
      const visiting = Object.values(await visits.get()).filter((visit) => visit.tabs.length > 0 && !known.has(siteKey(visit)));
      const ruled = new Set(recorded.filter(({ rule }) => rule !== undefined).map(({ key }) => key));
      const all = [...recorded.map(({ subject }) => ({ subject, isPrivate: false })), ...visiting];
      const views = await Promise.all(all.map((site) => viewOf(site, false)));
      return views.filter(({ subject, state }) => state.type !== 'none' || ruled.has(subjectKey(subject)));
    },
  };
}

/** What a visit loses with the permission. */
const taken: Pick<Visit, 'grant' | 'sessions'> = { grant: undefined, sessions: undefined };

const sessionOf = (visit: Visit | undefined, { session }: Site): Grant | undefined =>
  session === undefined ? undefined : visit?.sessions?.[session];

const mapValues = <Value>(all: Readonly<Record<string, Value>>, change: (value: Value) => Value): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).map(([key, value]) => [key, change(value)]));

/** Exact to the millisecond. A clock that went back behind its beginning or its last use ends a grant rather than prolonging it. */
const isLive = ({ issuedAt, lastUsedAt, expiresAt }: Grant, time: number) =>
  time >= issuedAt && time >= lastUsedAt && time < expiresAt;
