/** Puts the background together: every part is made here once and given what it needs. Listeners are registered before anything is awaited. */

import type { BrowserModel } from '../providers/provider';
import { createActivity } from './activity';
import type { ActivityLog } from './activity-log';
import { createAdmission } from './admission';
import { createApprovals } from './approvals';
import { createBreaker } from './breaker';
import type { Browser } from './browser-api';
import { createBrowserModelState } from './browser-model';
import { createCharges } from './charges';
import { createChat } from './chat';
import { createConnections } from './connections';
import { createContents } from './contents';
import { createEgress } from './egress';
import { createEngine } from './engine';
import { watchInstallation } from './first-run';
import { createGrants } from './grants';
import { createJobs } from './jobs';
import { createKeepAlive } from './keep-alive';
import { logDefect } from './log';
import { createMeter } from './meter';
import { createNotices } from './notices';
import { atFirstUse, type OnDemand } from './on-demand';
import { createOpenTabs } from './open-tabs';
import { createOpenAiSites } from './openai-sites';
import { createRates } from './rates';
import { createRedactor } from './redact';
import { repairKeys } from './repair-keys';
import { createRouter } from './router';
import { createRows } from './rows';
import { createRules } from './rules';
import { createRuns } from './runs';
import { createSecurity, lockAlarm, watchLocks } from './security';
import { createSelection } from './selection';
import { createServe } from './serve';
import { createSiteRecords } from './site-records';
import { createSurface } from './surface';
import { createUndo } from './undo';
import { createUnlocked } from './unlocked';
import { createUnlocks } from './unlocks';
import { createVault } from './vault';
import { createVaultRecords } from './vault-records';

interface Platform {
  readonly browser: Browser;
  readonly fetch: typeof globalThis.fetch;
  readonly indexedDB: IDBFactory;
  readonly onDemand: OnDemand;
  readonly browserModel?: () => BrowserModel | undefined;
  readonly now: () => number;
}

/** The request that woke the background has the database to itself for so long, in milliseconds; what lapsed is swept out after it. */
const sweepDelay = 500;

export function startBackground({ browser, fetch, indexedDB, onDemand, browserModel = () => undefined, now }: Platform): void {
  const { session } = browser;
  const onChange = () => {
    unlocks.changed().catch(logDefect);
    serve.changed().catch(logDefect);
  };
  /** What a call does along its way: screens show it, and no document is told of it. */
  const onProgress = () => void serve.shown().catch(logDefect);
  const database = createRows({ factory: indexedDB, load: onDemand.database });
  const redactor = createRedactor();
  const security = createSecurity({ database, session, onChange });
  const vaultCopy = atFirstUse(onDemand.database, ({ createVaultCopyStore }) => createVaultCopyStore());
  const records = createVaultRecords({ database, vaultCopy, onRestored: security.restored });
  const setAlarm = (at: number | undefined) => browser.setAlarm(lockAlarm, at);
  const unlocked = createUnlocked({ session, now, autoLock: security.autoLock, setAlarm });
  const vault = createVault({ records, unlocked, redactor, onChange });
  const egress = createEgress({
    fetch,
    openSocket: async (url, signal) => (await onDemand.backends()).openSocket(url, signal),
    vault,
    hasAccess: browser.hasAccess,
    mayTransmit: browser.mayTransmit,
  });
  const keepAlive = createKeepAlive(browser.touch);
  const notices = createNotices({ browser, now });
  const surface = createSurface(browser, notices);
  const unlocks = createUnlocks({ vault, surface, keepAlive, isTabActive: browser.isTabActive });
  const grants = createGrants({ database, session, now });
  const rules = createRules(createSiteRecords(database));
  /** The books of calls that are over. */
  const books = atFirstUse(onDemand.database, async ({ createUsageSums, createActivityLog }) => {
    const whole = await database.whole();
    const sums = createUsageSums(whole);
    return { sums, log: createActivityLog({ database: whole, sums, now }) };
  });
  const log = { add: async (...call: Parameters<ActivityLog['add']>) => (await books()).log.add(...call) };
  const contents = createContents({
    database,
    vault,
    createRecorder: async (request) => (await onDemand.backends()).createCallRecorder(request),
  });
  const activity = createActivity({ log, contents, session, now, onChange: onProgress, onFailure: notices.failed });
  const runs = createRuns({ session, keepAlive, now, onChange: onProgress });
  const engine = createEngine({
    files: atFirstUse(onDemand.backends, ({ createModelFiles }) => createModelFiles()),
    open: browser.openOffscreen,
    own: async () => (await onDemand.engine()).createDeviceEngine(),
  });
  const undoConnection = createUndo(keepAlive);
  const monotonic = () => performance.now();
  const breaker = createBreaker(monotonic);
  const connections = createConnections({
    breaker,
    database,
    vault,
    redactor,
    egress,
    engine,
    backends: onDemand.backends,
    setup: onDemand.setup,
    browserModel,
    undo: undoConnection,
    setOriginRules: browser.setOriginRules,
    now,
    onChange,
  });
  const jobs = createJobs({ session, connections, keepAlive });
  const meter = createMeter({ database, session, now, onChange: onProgress });
  const router = createRouter({ connections, grants, rules });
  const approvals = createApprovals({
    session,
    grants,
    rules,
    meter,
    plan: (record) => router.plan(record, record.asked),
    surface,
    keepAlive,
    isTabActive: browser.isTabActive,
    now,
    onChange,
  });
  const openAiSites = createOpenAiSites({ database, siteScripts: browser.siteScripts });
  const signIn = atFirstUse(onDemand.setup, ({ createSignIn }) => createSignIn({ browser, egress, keepAlive, now }));
  const localServers = atFirstUse(onDemand.setup, ({ createLocalServers }) =>
    createLocalServers({ backends: onDemand.backends, egress, engine, now }),
  );
  const suspicion = atFirstUse(onDemand.backends, ({ createSuspicion }) => createSuspicion());
  const transfer = atFirstUse(onDemand.setup, async ({ createTransfer }) =>
    createTransfer({ database: await database.whole(), vault, security, now, onImported: connections.imported }),
  );
  const charges = createCharges({ meter, approvals, now });
  const rates = createRates({ keepAlive, monotonic });
  const parts = {
    keepAlive,
    vault,
    unlocked,
    unlocks,
    security,
    transfer,
    connections,
    undoConnection,
    grants,
    rules,
    router,
    breaker,
    approvals,
    runs,
    jobs,
    activity,
    contents,
    meter,
    hasBrowserModel: createBrowserModelState(browserModel, now, onChange),
    localServers,
    openAiSites,
    signIn,
    surface,
    selection: createSelection(browser, onChange),
    openTabs: createOpenTabs(browser),
    chat: createChat({
      forms: onDemand.forms,
      router,
      breaker,
      rates,
      jobs,
      grants,
      connections,
      runs,
      activity,
      charges,
      now,
    }),
    now,
    onChange,
  };
  const screens = atFirstUse(
    () => Promise.all([onDemand.screens(), onDemand.database(), database.whole(), books()]),
    ([{ createScreens }, { Dexie }, whole, kept]) =>
      createScreens({ ...parts, ...kept, Dexie, database: whole, session, egress, engine }),
  );
  const serve = createServe({
    ...parts,
    backends: onDemand.backends,
    forms: onDemand.forms,
    admission: createAdmission(),
    suspicion: {
      look: async (...about) => (await suspicion()).look(...about),
      allowed: async (...about) => (await suspicion()).allowed(...about),
    },
    charges,
    rates,
    own: browser,
    screens,
    engineConnected: engine.connected,
  });

  browser.onConnect(serve.connect);
  browser.onTabRemoved((tabId) => void grants.tabClosed(tabId).then(onChange));
  surface.onClosed((shown) => {
    unlocks.windowClosed();
    void approvals.windowClosed(shown);
  });
  notices.onWaitingPressed(() => void surface.open().catch(logDefect));
  browser.togglePanelByKey();
  watchLocks(browser, vault, onChange);
  browser.siteScripts.onAllowed(() => void openAiSites.renew());
  void openAiSites.renew();
  watchInstallation({ browser, connections });
  const tend = (...chores: (() => Promise<unknown>)[]) => {
    // A store that cannot be read keeps none of the others from being done, and is told where the person looks.
    for (const chore of chores) chore().catch(logDefect);
  };
  const begin = () => {
    // What each request asks for first is read while the browser brings the one that woke the background.
    tend(connections.ready, connections.active, grants.sweep, contents.isKept);
    tend(() => repairKeys(vault, connections), approvals.resume, jobs.tidy);
  };
  // What is read before the database is open is read again by whoever asks next. Where it does not open, each says so.
  database.ready().then(begin, begin);
  // A look drops the key of the vault where that is due.
  tend(unlocked.get);
  setTimeout(tend, sweepDelay, meter.tidy, async () => (await books()).log.sweep(), contents.tidyKeys);
}
