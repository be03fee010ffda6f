/** What each site may do: visits, permanent grants, refusals, blocks. Private windows leave nothing in the database. */

import { limits } from '../protocol/limits';
import type { SiteView, Subject } from '../protocol/ui-messages';
import type { Area } from './browser';
import type { Database, SiteRecord } from './database';
import { type PageIdentity, subjectKey } from './identity';
import { createStored } from './stored';

/** Everything the gate needs to know of a site. */
export interface SiteState {
  readonly visit?: { readonly since: number } | undefined;
  readonly always?: { readonly issuedAt: number; readonly lastUsedAt: number } | undefined;
  readonly blockedAt?: number | undefined;
  readonly refusals?: { readonly count: number; readonly at: number } | undefined;
  readonly useHere: boolean;
}

type Site = Pick<PageIdentity, 'subject' | 'isPrivate'>;

interface Visit {
  readonly subject: Subject;
  readonly isPrivate: boolean;
  /** Tabs in which the site talked to Oriel; the visit ends with the last of them. */
  readonly tabs: readonly number[];
  readonly since?: number | undefined;
  readonly refusals?: { readonly count: number; readonly at: number } | undefined;
  /** Of a private window; what lasts is in the site's record. */
  readonly useHere?: boolean | undefined;
  readonly insecure: boolean;
}

export interface Grants {
  stateOf(site: Site): Promise<SiteState>;
  /** Remembers that a site talked to Oriel from this tab. */
  seen(page: PageIdentity): Promise<void>;
  allowVisit(site: Site): Promise<void>;
  allowAlways(site: Site): Promise<void>;
  refuse(site: Site): Promise<void>;
  block(site: Site): Promise<void>;
  unblock(site: Site): Promise<void>;
  /** Takes back every permission; a block stays. */
  revoke(site: Site): Promise<void>;
  askAgain(site: Site): Promise<void>;
  useHere(site: Site): Promise<void>;
  /** A permanent grant lapses when unused: this is a use. */
  used(site: Site): Promise<void>;
  tabClosed(tabId: number): Promise<void>;
  sitesOfTab(tabId: number): Promise<readonly SiteView[]>;
  sites(): Promise<readonly SiteView[]>;
}

const keyOf = ({ subject, isPrivate }: Site) => (isPrivate ? `private ${subjectKey(subject)}` : subjectKey(subject));

export function createGrants({ database, session, now }: { database: Database; session: Area; now: () => number }): Grants {
  const visits = createStored<Readonly<Record<string, Visit>>>(session, 'visits', {});

  const changeVisit = (site: Site, change: (visit: Visit) => Visit) =>
    visits.update((all) => {
      const empty: Visit = { subject: site.subject, isPrivate: site.isPrivate, tabs: [], insecure: false };
      return { ...all, [keyOf(site)]: change(all[keyOf(site)] ?? empty) };
    });

  /** One transaction, so that two changes at once both hold. */
  const changeRecord = (site: Site, change: (record: SiteRecord) => SiteRecord) =>
    database.transaction('rw', database.sites, async () => {
      const key = keyOf(site);
      const record = change((await database.sites.get(key)) ?? { key, subject: site.subject });
      const isEmpty = !record.always && record.blockedAt === undefined && !record.useHere;
      // A site that may and may not do anything particular leaves no trace of having been visited.
      await (isEmpty ? database.sites.delete(key) : database.sites.put(record));
    });

  const recordOf = async (site: Site) => (site.isPrivate ? undefined : database.sites.get(keyOf(site)));

  const stateOf = async (site: Site): Promise<SiteState> => {
    const visit = (await visits.get())[keyOf(site)];
    const record = await recordOf(site);
    return {
      visit: visit?.since === undefined ? undefined : { since: visit.since },
      always: record?.always,
      blockedAt: record?.blockedAt,
      refusals: visit?.refusals,
      useHere: record?.useHere ?? visit?.useHere ?? false,
    };
  };

  const allowVisit = (site: Site) => changeVisit(site, (visit) => ({ ...visit, since: now(), refusals: undefined }));

  const viewOf = async (site: Site, insecure: boolean): Promise<SiteView> => {
    const { visit, always, blockedAt, refusals, useHere } = await stateOf(site);
    const { subject } = site;
    if (blockedAt !== undefined) return { subject, state: { type: 'blocked', since: blockedAt } };
    if (insecure && !useHere) return { subject, state: { type: 'insecure' } };
    if (always && isLive(always, now()))
      return { subject, state: { type: 'always', since: always.issuedAt, lastUsedAt: always.lastUsedAt } };
    if (visit && isOpen(visit, now())) return { subject, state: { type: 'visit', since: visit.since } };
    if (refusals && refusals.count > 0) return { subject, state: { type: 'refused', at: refusals.at } };
    return { subject, state: { type: 'none' } };
  };

  return {
    stateOf,

    async seen(page) {
      const visit = (await visits.get())[keyOf(page)];
      if (visit?.tabs.includes(page.tabId) && visit.insecure === page.insecure) return;
      await changeVisit(page, (old) => ({
        ...old,
        insecure: page.insecure,
        tabs: [...old.tabs.filter((tab) => tab !== page.tabId), page.tabId],
      }));
    },

    allowVisit,

    async allowAlways(site) {
      if (site.isPrivate) return allowVisit(site);
      await changeRecord(site, (record) => ({ ...record, always: { issuedAt: now(), lastUsedAt: now() }, blockedAt: undefined }));
      await changeVisit(site, (visit) => ({ ...visit, refusals: undefined }));
    },

    refuse: (site) =>
      changeVisit(site, (visit) => ({ ...visit, refusals: { count: (visit.refusals?.count ?? 0) + 1, at: now() } })),

    async block(site) {
      await changeVisit(site, (visit) => ({
        ...visit,
        since: undefined,
        ...(site.isPrivate && { refusals: { count: Number.MAX_SAFE_INTEGER, at: now() } }),
      }));
      if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, always: undefined, blockedAt: now() }));
    },

    async unblock(site) {
      if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, blockedAt: undefined }));
      await changeVisit(site, (visit) => ({ ...visit, refusals: undefined }));
    },

    async revoke(site) {
      await changeVisit(site, (visit) => ({ ...visit, since: undefined, useHere: undefined }));
      if (!site.isPrivate) await changeRecord(site, (record) => ({ ...record, always: undefined, useHere: undefined }));
    },

    askAgain: (site) => changeVisit(site, (visit) => ({ ...visit, refusals: undefined })),

    useHere: (site) =>
      site.isPrivate
        ? changeVisit(site, (visit) => ({ ...visit, useHere: true }))
        : changeRecord(site, (record) => ({ ...record, useHere: true })),

    async used(site) {
      const record = await recordOf(site);
      // Once an hour is exact enough for 60 days, and spares a write a request.
      if (!record?.always || now() - record.always.lastUsedAt < 3_600_000) return;
      await changeRecord(site, (old) => (old.always ? { ...old, always: { ...old.always, lastUsedAt: now() } } : old));
    },

    tabClosed: (tabId) =>
      visits.update((all) =>
        Object.fromEntries(
          Object.entries(all)
            .map(([key, visit]) => [key, { ...visit, tabs: visit.tabs.filter((tab) => tab !== tabId) }] as const)
            .filter(([, visit]) => visit.tabs.length > 0),
        ),
      ),

    async sitesOfTab(tabId) {
      const seen = Object.values(await visits.get()).filter(({ tabs }) => tabs.includes(tabId));
      return Promise.all(
        seen.map(async (visit) => ({ ...(await viewOf(visit, visit.insecure)), ...(visit.isPrivate && { isPrivate: true }) })),
      );
    },

    async sites() {
      const recorded = (await database.sites.toArray()).map(({ subject }) => ({ subject, isPrivate: false }));
      const known = new Set(recorded.map(keyOf));
      const visiting = Object.values(await visits.get()).filter((visit) => visit.tabs.length > 0 && !known.has(keyOf(visit)));
      const views = await Promise.all([...recorded, ...visiting].map((site) => viewOf(site, false)));
      return views.filter(({ state }) => state.type !== 'none');
    },
  };
}

/** A clock that went back ends a grant rather than prolonging it. */
const isWithin = (since: number, now: number, ttl: number) => now >= since && now - since < ttl;
export const isOpen = (visit: { readonly since: number }, now: number) => isWithin(visit.since, now, limits.visitTtl);
export const isLive = (always: { readonly lastUsedAt: number }, now: number) =>
  isWithin(always.lastUsedAt, now, limits.alwaysUnusedTtl);
