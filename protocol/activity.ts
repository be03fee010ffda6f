/** The log of calls and the sums of use, as Oriel's own pages ask for them and are shown them. What nobody told stays unknown. */

import type { AiErrorCode, PersonError } from './errors';
import type { GenerateRequest, Part, Place, Role, Usage, Warning } from './generate';
import type { ConnectionId } from './ids';
import type { Subject } from './ui-messages';

/** How long the log keeps a call; as sums without its site it is kept on. */
export const retentions = ['7d', '30d', '90d', 'forever'] as const;
export type Retention = (typeof retentions)[number];

export const endings = ['answered', 'failed', 'stopped'] as const;
/** `stopped`: by the page or the person. */
export type Ending = (typeof endings)[number];

export const endingOf = (outcome: 'answered' | AiErrorCode): Ending => {
  if (outcome === 'answered') return 'answered';
  return outcome === 'aborted' || outcome === 'not-allowed' ? 'stopped' : 'failed';
};

/** One call: who asked, who answered, what it used, how it ended. What was said in it comes apart, and only where it is kept. */
export interface ActivityEntry {
  readonly id: number;
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number;
  readonly subject: Subject;
  readonly connectionId: ConnectionId;
  /** As it was called then. */
  readonly connectionName: string;
  readonly place: Place;
  readonly model: string;
  readonly outcome: 'answered' | AiErrorCode;
  readonly milliseconds: number;
  /** Absent where nothing was used. */
  readonly usage?: Usage | undefined;
  /** Nobody bills it. */
  readonly isFree?: boolean | undefined;
  readonly warnings?: readonly Warning[] | undefined;
  /** Without the backend's own words, which may repeat what was asked. */
  readonly error?: PersonError | undefined;
  /** What was asked and answered is kept, or was to be while the vault was locked. Absent: nobody wanted that. */
  readonly content?: 'kept' | 'locked' | undefined;
}

/** Of a file only what it was is kept. */
export type AskedPart =
  | Exclude<Part, { readonly type: 'image' | 'audio' }>
  | { readonly type: 'image' | 'audio'; readonly mediaType: string; readonly bytes: number };

export interface ContentAnswer {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
}

/** What was said in one call. */
export interface CallContent {
  /** As it was let through: a person may have edited it. */
  readonly asked: readonly { readonly role: Role; readonly content: readonly AskedPart[] }[];
  readonly parameters: Omit<GenerateRequest, 'messages'>;
  /** What the model received: the body of each request to the backend. Empty where a model in this browser takes the messages as they are. */
  readonly sent: readonly string[];
  /** One for each answer that began. */
  readonly answers: readonly ContentAnswer[];
  /** Something was too long to be kept whole. */
  readonly isCut: boolean;
}

export type ContentView =
  | { readonly type: 'kept'; readonly content: CallContent }
  /** It lapsed, or was deleted. */
  | { readonly type: 'gone' }
  /** Its key is gone, or it was damaged. */
  | { readonly type: 'unreadable' };

export interface ActivityFilter {
  /** Each word must be found in the site, the model or the connection's name. */
  readonly text?: string | undefined;
  readonly connection?: ConnectionId | undefined;
  readonly ending?: Ending | undefined;
}

export interface ActivityPage {
  /** Newest first. */
  readonly entries: readonly ActivityEntry[];
  /** Of all pages together. */
  readonly total: number;
  /** `before` of the page that follows; absent on the last one. */
  readonly next?: number | undefined;
}

/** What is removed from the log. Sums of use stay, without the site, unless they are named. */
export type Removal =
  | { readonly type: 'one'; readonly id: number }
  | { readonly type: 'site'; readonly subject: Subject }
  | { readonly type: 'log' }
  /** What was asked and answered; the calls stay. */
  | { readonly type: 'contents' }
  | { readonly type: 'log-and-usage' };

export const usagePeriods = ['day', 'week', 'month', 'all'] as const;
export type UsagePeriod = (typeof usagePeriods)[number];

/** What calls have come to. */
export interface Sums {
  readonly calls: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly microUsd: number;
  /** Calls whose tokens are an estimate. */
  readonly estimated: number;
  /** Calls of which not all tokens are known. */
  readonly untold: number;
  /** Calls that somebody bills at a price that nobody told. */
  readonly unpriced: number;
}

/** The calls of one site with one model on one local day. */
export interface DaySums extends Sums {
  /** `2026-11-24` */
  readonly day: string;
  /** Absent where the site was forgotten. */
  readonly subject?: Subject | undefined;
  readonly connectionId: ConnectionId;
  readonly connectionName: string;
  readonly place: Place;
  readonly model: string;
}

/** Each operation with its input and what it resolves to. */
export interface ActivityOperations {
  'activity-list': {
    input: ActivityFilter & { readonly limit: number; readonly before?: number | undefined };
    output: ActivityPage;
  };
  /** How long calls are kept, and the connections that answered those that are. */
  'activity-kept': {
    input: unknown;
    output: {
      readonly retention: Retention;
      /** What is asked and answered is kept from now on. */
      readonly content: boolean;
      /** Something of that is there. */
      readonly hasContent: boolean;
      readonly connections: readonly { readonly id: ConnectionId; readonly name: string }[];
    };
  };
  'activity-content': { input: { readonly id: number }; output: ContentView };
  'activity-keep-content': { input: { readonly on: boolean }; output: undefined };
  'activity-keep': { input: { readonly retention: Retention }; output: undefined };
  /** `undo` brings it back for a while, as long as nothing else was removed. */
  'activity-remove': { input: Removal; output: { readonly undo: string } };
  'activity-undo': { input: { readonly undo: string }; output: undefined };
  usage: {
    input: { readonly period: UsagePeriod };
    /** `from` is the first day of the period; absent for all. */
    output: { readonly from?: string | undefined; readonly today: string; readonly sums: readonly DaySums[] };
  };
}
