/** What lasts of each site: one record in the database, changed in one transaction, gone when it says nothing any more. */

import type { Subject } from '../protocol/ui-messages';
import type { Database, SiteRecord } from './database';
import { subjectKey } from './identity';

export interface SiteRecords {
  of(subject: Subject): Promise<SiteRecord | undefined>;
  all(): Promise<readonly SiteRecord[]>;
  /** One transaction, so that two changes at once both hold. */
  change(subject: Subject, change: (record: SiteRecord) => SiteRecord): Promise<void>;
  /** Removes every permanent grant that is over at this time. */
  sweep(time: number): Promise<void>;
}

/** A site that may and may not do anything particular leaves no trace of having been visited. */
const isEmpty = ({ always, blockedAt, useHere, promptApi, rule }: SiteRecord) =>
  !always && blockedAt === undefined && !useHere && !promptApi && !rule;

export function createSiteRecords(database: Database): SiteRecords {
  const read = database.remember('sites', (key) => database.sites.get(key));

  const change: SiteRecords['change'] = (subject, apply) =>
    database.transaction('rw', database.sites, async () => {
      const key = subjectKey(subject);
      const record = apply((await database.sites.get(key)) ?? { key, subject });
      await (isEmpty(record) ? database.sites.delete(key) : database.sites.put(record));
    });

  return {
    change,
    of: (subject) => read(subjectKey(subject)),
    all: () => database.sites.toArray(),

    async sweep(time) {
      const over = await database.sites.where('always.expiresAt').belowOrEqual(time).toArray();
      for (const { subject } of over)
        await change(subject, (record) => ({ ...record, ...(hasEnded(record, time) && { always: undefined }) }));
    },
  };
}

/** Looked at again inside the transaction: a use may have prolonged it meanwhile. */
const hasEnded = ({ always }: SiteRecord, time: number) => always !== undefined && always.expiresAt <= time;
