/**
 * The queue of what waits for the person. It survives the death of the background: what must last of it lies in `storage.session`, the
 * relay sends the request again, and a decision that was given meanwhile is found.
 */

import { AiError } from '../protocol/errors';
import type { Message } from '../protocol/generate';
import { type ApprovalId, type Digest, newApprovalId, type RequestId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Decision, Subject } from '../protocol/ui-messages';
import type { Area } from './browser';
import type { Grants } from './grants';
import { type PageIdentity, subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';
import { createStored } from './stored';
import type { Surface } from './surface';

export interface ApprovalRecord {
  readonly id: ApprovalId;
  readonly digest: Digest;
  readonly subject: Subject;
  readonly isPrivate: boolean;
  readonly insecure: boolean;
  readonly documentId: string;
  readonly tabId: number;
  readonly requestId: RequestId;
  readonly createdAt: number;
  /** The word of the person, given while the page was being reached again. */
  readonly allowed?: boolean | undefined;
}

export interface Ask {
  readonly page: PageIdentity;
  readonly requestId: RequestId;
  readonly digest: Digest;
  readonly messages: readonly Message[];
  /** The person has used the document: only then a window opens by itself. */
  readonly activated: boolean;
}

export interface Approvals {
  /** Resolves when the person allows the call. @throws AiError `not-allowed`, `aborted` or `rate-limited` */
  ask(ask: Ask, signal: AbortSignal): Promise<void>;
  /** Acts on exactly the request that was shown. @throws AiError `invalid-request` where it is gone or another */
  decide(id: ApprovalId, digest: Digest, decision: Decision): Promise<void>;
  /** Refuses whatever of the site waits. */
  refuseSite(subject: Subject): Promise<void>;
  messages(id: ApprovalId): readonly Message[] | undefined;
  waiting(): Promise<readonly ApprovalRecord[]>;
  /** The person closed the window: a refusal of the call that it showed, and of no other. */
  windowClosed(shown: ApprovalId | undefined): Promise<void>;
  /** After a wake-up: keeps the background alive for what waits, and drops what no page comes back for. */
  resume(): Promise<void>;
}

interface Attached {
  readonly messages: readonly Message[];
  readonly resolve: () => void;
  readonly reject: (error: AiError) => void;
}

interface ApprovalDeps {
  readonly session: Area;
  readonly grants: Grants;
  readonly surface: Pick<Surface, 'setWaiting' | 'open'>;
  readonly keepAlive: KeepAlive;
  readonly isTabActive: (tabId: number) => Promise<boolean>;
  readonly now: () => number;
  readonly onChange: () => void;
}

/** How long a page has to come back after the background died. */
const reattachTime = 10_000;
const refused = () => new AiError('not-allowed', 'The person did not allow this call.');
const siteOf = ({ isPrivate, subject }: Pick<ApprovalRecord, 'isPrivate' | 'subject'>) => `${isPrivate} ${subjectKey(subject)}`;

export function createApprovals(deps: ApprovalDeps): Approvals {
  const { grants, surface, now } = deps;
  const stored = createStored<readonly ApprovalRecord[]>(deps.session, 'approvals', []);
  const attached = new Map<ApprovalId, Attached>();
  /** Being decided right now: a second click comes too late. */
  const deciding = new Set<ApprovalId>();
  /** Calls that may open the window by themselves. */
  const wantsWindow = new Set<ApprovalId>();
  let release: (() => void) | undefined;

  /** The badge still says that something waits where the browser opens no window. */
  const open = () => surface.open().catch(() => undefined);

  const waiting = async () => (await stored.get()).filter(({ allowed }) => allowed === undefined);

  const changed = async () => {
    const count = (await waiting()).length;
    surface.setWaiting(count);
    if (count > 0) release ??= deps.keepAlive.hold();
    else {
      release?.();
      release = undefined;
    }
    deps.onChange();
  };

  const drop = async (id: ApprovalId) => {
    attached.delete(id);
    wantsWindow.delete(id);
    await stored.update((all) => all.filter((record) => record.id !== id));
    await changed();
  };

  /** Ends one record: its page gets the word now, or finds it when it comes back. */
  const settle = async (record: ApprovalRecord, allowed: boolean) => {
    const page = attached.get(record.id);
    if (page) {
      await drop(record.id);
      if (allowed) page.resolve();
      else page.reject(refused());
    } else {
      await stored.update((all) => all.map((other) => (other.id === record.id ? { ...other, allowed } : other)));
      await changed();
    }
  };

  const find = async ({ page, requestId, digest }: Ask) => {
    const found = (await stored.get()).find((record) => record.documentId === page.documentId && record.requestId === requestId);
    if (!found || found.digest === digest) return found;
    await drop(found.id);
    return undefined;
  };

  const add = async ({ page, requestId, digest }: Ask): Promise<ApprovalRecord> => {
    const { subject, isPrivate, insecure, documentId, tabId } = page;
    const record: ApprovalRecord = {
      id: newApprovalId(),
      digest,
      subject,
      isPrivate,
      insecure,
      documentId,
      tabId,
      requestId,
      createdAt: now(),
    };
    let isFull = false;
    // Counted where it is added: of many calls at once each sees those before it.
    await stored.update((all) => {
      const ofSite = all.filter((other) => siteOf(other) === siteOf(page)).length;
      isFull = ofSite >= limits.queuePerSubject || all.length >= limits.queueTotal;
      return isFull ? all : [...all, record];
    });
    if (isFull) throw new AiError('rate-limited', 'Too many calls wait already.');
    return record;
  };

  const applyToSite = async (record: ApprovalRecord, decision: Decision): Promise<void> => {
    switch (decision) {
      case 'deny':
        return grants.refuse(record);
      case 'never':
        return grants.block(record);
      case 'allow-visit':
        return grants.allowVisit(record);
      case 'allow-always':
        return grants.allowAlways(record);
      case 'allow-request':
        return;
    }
  };

  const attach = (record: ApprovalRecord, messages: readonly Message[], signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const expiry = setTimeout(() => void settle(record, false), Math.max(0, record.createdAt + limits.approvalTtl - now()));
      const onAbort = () => {
        done();
        reject(new AiError('aborted', 'The caller is gone.'));
        void drop(record.id);
      };
      const done = () => {
        clearTimeout(expiry);
        signal.removeEventListener('abort', onAbort);
      };
      attached.set(record.id, {
        messages,
        resolve: () => {
          done();
          resolve();
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });

  const decide = async (id: ApprovalId, digest: Digest, decision: Decision) => {
    const all = await stored.get();
    const record = all.find((other) => other.id === id);
    const isOver = !record || record.allowed !== undefined || deciding.has(id) || now() >= record.createdAt + limits.approvalTtl;
    if (isOver || record.digest !== digest) throw new AiError('invalid-request', 'This request is gone.');
    deciding.add(id);
    try {
      await applyToSite(record, decision);
      const allowed = decision.startsWith('allow');
      await settle(record, allowed);
      if (decision === 'deny' || decision === 'allow-request') return;
      // A decision for the site answers whatever else of it waits.
      for (const other of all) if (other.id !== id && siteOf(other) === siteOf(record)) await settle(other, allowed);
    } finally {
      deciding.delete(id);
    }
  };

  return {
    async ask(ask, signal) {
      const found = await find(ask);
      if (found?.allowed !== undefined) {
        await drop(found.id);
        if (found.allowed) return;
        throw refused();
      }
      const record = found ?? (await add(ask));
      const decided = attach(record, ask.messages, signal);
      // Awaited below; until then a refusal must not count as unhandled.
      decided.catch(() => undefined);
      await changed();
      if (!signal.aborted && ask.activated && (await deps.isTabActive(record.tabId))) {
        wantsWindow.add(record.id);
        await open();
      }
      return decided;
    },

    decide,

    async refuseSite(subject) {
      for (const record of await waiting()) if (subjectKey(record.subject) === subjectKey(subject)) await settle(record, false);
    },

    messages: (id) => attached.get(id)?.messages,

    waiting,

    async windowClosed(shown) {
      const all = await waiting();
      const record = all.find(({ id }) => id === shown);
      if (record) await decide(record.id, record.digest, 'deny');
      // It closed by itself, since nothing was left to show, while the next call already took it for open.
      const isOvertaken = !record && shown !== undefined && all.some(({ id }) => wantsWindow.has(id));
      if (isOvertaken || (record && all.length > 1)) await open();
    },

    async resume() {
      if ((await stored.get()).length === 0) return;
      await changed();
      setTimeout(async () => {
        for (const { id } of await stored.get()) if (!attached.has(id)) await drop(id);
      }, reattachTime);
    },
  };
}
