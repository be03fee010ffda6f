/** What lasts of each site: one record in the database, changed in one transaction, gone when it says nothing any more. */

import type { Subject } from '../protocol/ui-messages';
import type { SiteRecord } from './database';
import { subjectKey } from './identity';
import type { Rows } from './rows';

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

export function createSiteRecords(database: Rows): SiteRecords {
  const read = database.remember('sites', (key) => database.row('sites', key));

  const change: SiteRecords['change'] = async (subject, apply) => {
    const whole = await database.whole();
    await whole.transaction('rw', whole.sites, async () => {
      const key = subjectKey(subject);
      const record = apply((await whole.sites.get(key)) ?? { key, subject });
      await (isEmpty(record) ? whole.sites.delete(key) : whole.sites.put(record));
    });
  };

  return {
    change,
    of: (subject) => read(subjectKey(subject)),
    all: async () => database.all('sites'),

    async sweep(time) {
      const over = await database.upTo('sites', 'always.expiresAt', time);
      for (const { subject } of over)
        await change(subject, (record) => ({ ...record, ...(hasEnded(record, time) && { always: undefined }) }));
    },
  };
}

/** Looked at again inside the transaction: a use may have prolonged it meanwhile. */
const hasEnded = ({ always }: SiteRecord, time: number) => always !== undefined && always.expiresAt <= time;
