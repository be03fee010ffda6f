import Dexie from 'dexie';
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { createActivityLog } from '../background/activity-log';
import { Database } from '../background/database';
import { offer } from '../background/on-demand';
import { createUsageSums } from '../background/usage-sums';
import { createVaultCopyStore } from '../background/vault-copy';

/** The part of the background that needs the whole database. What lets a request through and sends it reads its rows without (background/rows.ts). */
export default defineUnlistedScript(() =>
  offer('database', {
    Dexie,
    createDatabase: (start) => new Database(start),
    createVaultCopyStore,
    createUsageSums,
    createActivityLog,
  }),
);
