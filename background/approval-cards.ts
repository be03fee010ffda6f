/** The cards of the queue: what is kept of each, and how they belong together by their site and by the money that they are about. */

import type { BudgetQuestion } from '../protocol/budgets';
import { AiError } from '../protocol/errors';
import type { ApprovalId, Digest, RequestId } from '../protocol/ids';
import type { Scope } from '../protocol/scopes';
import type { ApprovalNotice } from '../protocol/site-rules';
import type { Subject } from '../protocol/ui-messages';
import { siteKey } from './identity';
import type { Choice } from './scopes';

export interface ApprovalRecord {
  readonly id: ApprovalId;
  readonly digest: Digest;
  readonly subject: Subject;
  readonly isPrivate: boolean;
  readonly insecure: boolean;
  readonly documentId: string;
  readonly tabId: number;
  readonly requestId: RequestId;
  /** The session that the call belongs to, where it belongs to one. */
  readonly session?: string | undefined;
  readonly createdAt: number;
  readonly scopes: readonly Scope[];
  /** The model that the page asks for. */
  readonly asked?: string | undefined;
  readonly notice?: ApprovalNotice | undefined;
  /** Each call is asked for: only this one can be allowed. */
  readonly onlyThis?: boolean | undefined;
  /** Who answers instead of whom the rules name, by the person's **Change**. */
  readonly changed?: Choice | undefined;
  /** The card is about money: absent where it is about permission. */
  readonly question?: BudgetQuestion | undefined;
  /** The word of the person, given while the page was being reached again. */
  readonly decided?: Decided | undefined;
}

/** An answer that waits for its page: allowed means by those who were shown. */
export type Decided = { readonly type: 'allowed'; readonly choices: readonly Choice[] } | { readonly type: 'refused' };

export const notAllowed = () => new AiError('not-allowed', 'The person did not allow this call.');

/** What a refusal of a card tells its page. */
export const refused = ({ question }: ApprovalRecord) =>
  question ? new AiError('payment-required', 'The person did not add to the budget.') : notAllowed();

/** Whether the same addition to a budget answers both. */
export const isSameMoney = (one: ApprovalRecord, other: ApprovalRecord) =>
  one.question?.scope === other.question?.scope && (one.question?.scope === 'all' || siteKey(one) === siteKey(other));
