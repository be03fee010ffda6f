/**
 * The queue of what waits for the person. It survives the death of the background: what must last of it lies in `storage.session`, the
 * relay sends the request again, and a decision that was given meanwhile is found.
 */

import type { BudgetQuestion } from '../protocol/budgets';
import { AiError } from '../protocol/errors';
import type { Message } from '../protocol/generate';
import { type ApprovalId, type Digest, newApprovalId, type RequestId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Scope } from '../protocol/scopes';
import type { ApprovalNotice } from '../protocol/site-rules';
import type { Decision, RequestContent } from '../protocol/ui-messages';
import { type ApprovalRecord, type Decided, isSameMoney, notAllowed, refused } from './approval-cards';
import type { Area } from './browser-api';
import { digestOfCard } from './digest';
import type { Grants } from './grants';
import { type PageIdentity, type Site, siteKey } from './identity';
import type { KeepAlive } from './keep-alive';
import type { Meter } from './meter';
import type { Rules } from './rules';
import type { Choice } from './scopes';
import { createSiteDecision } from './site-decision';
import { createStored } from './stored';
import type { Surface } from './surface';
import { createWaitingPage, type WaitingPage } from './waiting-page';

/** What the person said yes to: who answers, and the messages where they were edited. */
export interface Verdict {
  readonly choices: readonly Choice[];
  readonly messages?: readonly Message[] | undefined;
}

export interface Ask {
  readonly page: PageIdentity;
  readonly requestId: RequestId;
  readonly digest: Digest;
  /** What the person can look at. */
  readonly content: RequestContent;
  readonly scopes: readonly Scope[];
  readonly asked?: string | undefined;
  readonly notice?: ApprovalNotice | undefined;
  readonly onlyThis?: boolean | undefined;
  /** The person has used the document: only then a window opens by itself. */
  readonly activated: boolean;
  readonly question?: BudgetQuestion | undefined;
}

export interface Approvals {
  /** Resolves when the person allows the call. @throws AiError `not-allowed` (`payment-required` about money), `aborted` or `rate-limited` */
  ask(ask: Ask, signal: AbortSignal): Promise<Verdict>;
  /**
   * Acts on exactly the card that was shown: the request, and who answers it.
   * @param digest of the card
   * @param messages the request as the person edited it
   * @throws AiError `invalid-request` where it is gone or another
   */
  decide(id: ApprovalId, digest: Digest, decision: Decision, messages?: readonly Message[]): Promise<void>;
  /** Who would answer a card, and the digest of what it shows. */
  shown(record: ApprovalRecord): Promise<{ readonly choices: readonly Choice[]; readonly digest: Digest }>;
  /** @throws AiError `invalid-request` where the card is gone */
  change(id: ApprovalId, changed: Choice): Promise<void>;
  /** Refuses whatever of the site waits in these windows. */
  refuseSite(site: Site): Promise<void>;
  content(id: ApprovalId): RequestContent | undefined;
  waiting(): Promise<readonly ApprovalRecord[]>;
  /** The person closed the window: a refusal of the call that it showed, and of no other. */
  windowClosed(shown: ApprovalId | undefined): Promise<void>;
  /** After a wake-up: keeps the background alive for what waits, and drops what no page comes back for. */
  resume(): Promise<void>;
}

interface ApprovalDeps {
  readonly session: Area;
  readonly grants: Grants;
  readonly rules: Pick<Rules, 'answerWith'>;
  /** Who answers by the person's choice and rules. */
  readonly plan: (record: ApprovalRecord) => Promise<readonly Choice[]>;
  readonly meter: Pick<Meter, 'add' | 'stop'>;
  readonly surface: Pick<Surface, 'setWaiting' | 'open'>;
  readonly keepAlive: KeepAlive;
  readonly isTabActive: (tabId: number) => Promise<boolean>;
  readonly now: () => number;
  readonly onChange: () => void;
}

/** How long a page has to come back after the background died. */
const reattachTime = 10_000;
const gone = () => new AiError('invalid-request', 'This request is gone.');

export function createApprovals(deps: ApprovalDeps): Approvals {
  const { meter, surface, now } = deps;
  const site = createSiteDecision(deps);
  const stored = createStored<readonly ApprovalRecord[]>(deps.session, 'approvals', []);
  const attached = new Map<ApprovalId, WaitingPage>();
  /** Being decided right now: a second click comes too late. */
  const deciding = new Set<ApprovalId>();
  /** Calls that may open the window by themselves. */
  const wantsWindow = new Set<ApprovalId>();
  let release: (() => void) | undefined;

  /** The badge still says that something waits where the browser opens no window. */
  const open = () => surface.open().catch(() => undefined);

  const waiting = async () => (await stored.get()).filter(({ decided }) => !decided);

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

  const replace = async (record: ApprovalRecord) => {
    await stored.update((all) => all.map((other) => (other.id === record.id ? record : other)));
    await changed();
  };

  /** Ends one record: its page gets the word now, or finds it when it comes back. No verdict is a refusal. */
  const settle = async (record: ApprovalRecord, verdict?: Verdict, refusal = refused(record)) => {
    const page = attached.get(record.id);
    const decided: Decided = verdict ? { type: 'allowed', choices: verdict.choices } : { type: 'refused' };
    if (!page) return replace({ ...record, decided });
    await drop(record.id);
    if (verdict) page.resolve(verdict);
    else page.reject(refusal);
  };

  const shown = async (record: ApprovalRecord) => {
    const choices = record.changed ? [record.changed] : await deps.plan(record);
    return { choices, digest: await digestOfCard(record.digest, choices) };
  };

  const find = async ({ page, requestId, digest }: Ask) => {
    const found = (await stored.get()).find((record) => record.documentId === page.documentId && record.requestId === requestId);
    if (!found || found.digest === digest) return found;
    await drop(found.id);
    return undefined;
  };

  const add = async (ask: Ask): Promise<ApprovalRecord> => {
    const { page, requestId, digest, scopes, asked, notice, onlyThis, question } = ask;
    const { subject, isPrivate, insecure, documentId, tabId, session } = page;
    const record: ApprovalRecord = {
      id: newApprovalId(),
      digest,
      subject,
      isPrivate,
      insecure,
      documentId,
      tabId,
      requestId,
      scopes,
      asked,
      notice,
      onlyThis,
      createdAt: now(),
      ...(session !== undefined && { session }),
      ...(question && { question }),
    };
    let isFull = false;
    // Counted where it is added: of many calls at once each sees those before it.
    await stored.update((all) => {
      const ofSite = all.filter((other) => siteKey(other) === siteKey(page)).length;
      isFull = ofSite >= limits.queuePerSubject || all.length >= limits.queueTotal;
      return isFull ? all : [...all, record];
    });
    if (isFull) throw new AiError('rate-limited', 'Too many calls wait already.');
    return record;
  };

  const attach = (record: ApprovalRecord, content: RequestContent, signal: AbortSignal) => {
    const page = createWaitingPage({
      content,
      signal,
      milliseconds: Math.max(0, record.createdAt + limits.approvalTtl - now()),
      onExpired: () => void settle(record),
      onGone: () => void drop(record.id),
    });
    if (!signal.aborted) attached.set(record.id, page);
    return page.verdict;
  };

  /** Refuses what is gone, what is another, and what would act on something that nobody was shown. */
  const check = async (id: ApprovalId, digest: Digest, decision: Decision, isEdited: boolean) => {
    const record = (await stored.get()).find((other) => other.id === id);
    const isOver = !record || record.decided || now() >= record.createdAt + limits.approvalTtl;
    if (isOver) throw gone();
    const card = await shown(record);
    if (card.digest !== digest || (isEdited && !attached.has(id))) throw gone();
    const isAllowed = decision !== 'deny' && decision !== 'never';
    if (isAllowed && card.choices.length === 0) throw new AiError('invalid-state', 'Nothing is connected that could answer.');
    return { record, choices: card.choices, isAllowed };
  };

  /** A decision for the site answers whatever else of it waits, as far as it covers that. */
  const answerOthers = async (record: ApprovalRecord, isAllowed: boolean) => {
    for (const other of await waiting()) {
      const { choices } = await shown(other);
      if (record.question) {
        if (isSameMoney(other, record)) await settle(other, { choices });
      } else if (siteKey(other) !== siteKey(record)) continue;
      else if (!isAllowed) await settle(other);
      else if (!other.question && (await site.answersToo(other, choices))) await settle(other, { choices });
    }
  };

  /** A card about money is answered with Add or Stop, and no other card with Add. */
  const apply = async (record: ApprovalRecord, decision: Decision, choices: readonly Choice[]): Promise<void> => {
    const { question } = record;
    if (question && decision === 'add') return meter.add(record, question);
    if (question && decision === 'deny') return meter.stop(record, question);
    if (question || decision === 'add') throw new AiError('invalid-request', 'This card does not ask that.');
    return site.apply(record, decision, choices);
  };

  const decide = async (id: ApprovalId, digest: Digest, decision: Decision, messages?: readonly Message[]) => {
    if (deciding.has(id)) throw gone();
    deciding.add(id);
    try {
      const { record, choices, isAllowed } = await check(id, digest, decision, messages !== undefined);
      await apply(record, decision, choices);
      await settle(record, isAllowed ? { choices, messages } : undefined);
      if (decision === 'deny' || decision === 'allow-request') return;
      await answerOthers(record, isAllowed);
    } finally {
      deciding.delete(id);
    }
  };

  return {
    async ask(ask, signal) {
      const found = await find(ask);
      if (found?.decided) {
        await drop(found.id);
        if (found.decided.type === 'allowed') return { choices: found.decided.choices };
        throw refused(found);
      }
      const record = found ?? (await add(ask));
      const decided = attach(record, ask.content, signal);
      await changed();
      if (!signal.aborted && ask.activated && (await deps.isTabActive(record.tabId))) {
        wantsWindow.add(record.id);
        await open();
      }
      return decided;
    },

    decide,
    shown,

    async change(id, to) {
      const record = (await waiting()).find((other) => other.id === id);
      if (!record) throw gone();
      await replace({ ...record, changed: to });
    },

    async refuseSite(site) {
      for (const record of await waiting()) if (siteKey(record) === siteKey(site)) await settle(record, undefined, notAllowed());
    },

    content: (id) => attached.get(id)?.content,

    waiting,

    async windowClosed(shownId) {
      const all = await waiting();
      const record = all.find(({ id }) => id === shownId);
      if (record) await decide(record.id, (await shown(record)).digest, 'deny');
      // It closed by itself, since nothing was left to show, while the next call already took it for open.
      const isOvertaken = !record && shownId !== undefined && all.some(({ id }) => wantsWindow.has(id));
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
