/** What Oriel's own pages may ask of the background, and what they are shown. A closed table, apart from the pages' one. */

import type { ActivityOperations } from './activity';
import type { Budget, BudgetQuestion, BudgetView, CostView } from './budgets';
import type { ChatOperations } from './chat';
import type { ConnectionTest } from './connection-test';
import type { DeviceModelView, DeviceOperations } from './device-messages';
import type { PersonError } from './errors';
import type { Connection, GenerateRequest, Message, ModelInfo, Place, Progress } from './generate';
import type { ApprovalId, ConnectionId, Digest, Origin } from './ids';
import type { ConnectionOptions } from './model-settings';
import type { Wish } from './scopes';
import type { SignInTerms } from './sign-in';
import type { ApprovalNotice, PromptApiAnswerer, SiteRule } from './site-rules';
import type { StoreOperations, StoreView } from './store-messages';
import type { VaultOperations, VaultView } from './vault-messages';

/** Who asks: the site in the address bar, and the frame inside it where that is another site. */
export interface Subject {
  readonly top: Origin;
  readonly frame?: Origin | undefined;
}

/** Stands for the person's own chat among the sites. No page has this origin, and no message can name it: `toOrigin` refuses it. */
export const chatSubject: Subject = { top: 'oriel:chat' as Origin };

/** `add` answers a card about money; `deny` is its Stop. */
export type Decision = 'deny' | 'allow-request' | 'allow-visit' | 'allow-always' | 'never' | 'add';

/** A connection with what is known of its health. */
export interface ConnectionView extends Connection {
  readonly providerName: string;
  readonly place: Place;
  /** Last four characters of the saved key, none of a short one; absent without a key. */
  readonly keyEnding?: string | undefined;
  readonly state: { readonly type: 'connected' } | { readonly type: 'needs-attention'; readonly error: PersonError };
}

/** What of a request the person can look at before it is sent. */
export type RequestContent = Pick<GenerateRequest, 'messages' | 'tools' | 'responseFormat'>;

/** One card of **Waiting for you**. */
export interface ApprovalView {
  readonly id: ApprovalId;
  readonly digest: Digest;
  readonly subject: Subject;
  /** The page that waits. */
  readonly tabId: number;
  /** In a private window: nothing can be allowed or refused beyond its visit. */
  readonly isPrivate?: boolean | undefined;
  /** What it asks for beside text. */
  readonly wishes?: readonly Wish[] | undefined;
  /** The call belongs to a session: to allow this request is to allow that session. */
  readonly isSession?: boolean | undefined;
  /** The page came over plain http from elsewhere on the network. */
  readonly insecure: boolean;
  /** Absent while nothing is connected: the card then offers to set one up. */
  readonly answeredBy?:
    | {
        readonly connection: ConnectionView;
        readonly model: string;
        readonly cost: CostView;
        /** Of this site: where its spending stops. */
        readonly budget: BudgetView;
      }
    | undefined;
  /** Who answers where that one is down, in this order. */
  readonly otherwise?: readonly ConnectionView[] | undefined;
  /** The site is asked about each call: only this one can be allowed. */
  readonly onlyThis?: boolean | undefined;
  /** Why a site with a permission is asked about all the same. */
  readonly notice?: ApprovalNotice | undefined;
  /** The card is about money: more of it, or Stop. */
  readonly question?: BudgetQuestion | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface RunningView {
  readonly id: string;
  readonly subject: Subject;
  readonly model: string;
  readonly connectionName: string;
  readonly startedAt: number;
  /** What the backend does before it answers. */
  readonly progress?: Progress | undefined;
}

/** A request of a page that failed because of a backend: what happened and where it is mended. */
export interface FailureView {
  readonly id: string;
  readonly at: number;
  readonly subject: Subject;
  readonly connectionId: ConnectionId;
  readonly connectionName: string;
  readonly error: PersonError;
}

/** Everything the interface shows, as one snapshot; pushed anew whenever any of it changes. */
export interface Overview extends StoreView {
  readonly connections: readonly ConnectionView[];
  readonly activeConnection?: ConnectionId | undefined;
  readonly approvals: readonly ApprovalView[];
  readonly running: readonly RunningView[];
  readonly failures: readonly FailureView[];
  /** Models that can run on this device; absent while the vault is locked. */
  readonly device?: readonly DeviceModelView[] | undefined;
  /** The browser brings a model of its own. */
  readonly hasBrowserModel?: boolean | undefined;
  /** What the person wants to ask about, until the chat of its window has taken it. */
  readonly selection?: SelectionView | undefined;
  readonly vault: VaultView;
}

/** Text of a page that the person chose from its menu. */
export type SelectionView = { readonly windowId: number; readonly text: string };

/** State of one site for the popup's **This site**, and a row of **Sites**. */
export interface SiteView {
  readonly subject: Subject;
  /** In a private window. */
  readonly isPrivate?: boolean | undefined;
  readonly state:
    | { readonly type: 'none' }
    | { readonly type: 'visit'; readonly since: number }
    | { readonly type: 'always'; readonly since: number; readonly lastUsedAt: number }
    | { readonly type: 'blocked'; readonly since: number }
    /** Answered without asking until **Ask again**; after the first refusal of a visit the person is asked once more. */
    | { readonly type: 'refused'; readonly at: number; readonly asksOnceMore?: boolean | undefined }
    /** Answered without asking for a while, or until **Ask again** where there is no end. */
    | { readonly type: 'muted'; readonly at: number; readonly until?: number | undefined }
    /** Plain http from elsewhere on the network; refused until **Use here**. */
    | { readonly type: 'insecure' };
  readonly asksEveryTime?: boolean | undefined;
  /** Who answers its `LanguageModel`, where the person said so. */
  readonly promptApi?: PromptApiAnswerer | undefined;
  /** The site may pick among the models of its connection. */
  readonly choosesModel?: boolean | undefined;
}

/** A server that answered on this computer. */
export interface LocalServer {
  /** The row under which it is connected. */
  readonly providerId: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
}

/** What is at an address. `locked`: nobody known, but it wants a key; `unknown`: it answers, and speaks nothing that Oriel knows. */
export type Discovery =
  | { readonly type: 'found'; readonly server: LocalServer }
  | { readonly type: 'locked' | 'unknown' | 'nothing' };

export type UiEvent = { readonly type: 'overview'; readonly overview: Overview };

/** What a connection form sends. `key` absent: unchanged; empty: removed. `options` absent: unchanged; else all of them anew. */
export interface ConnectionInput {
  readonly name?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly key?: string | undefined;
  readonly defaultModel?: string | undefined;
  readonly options?: ConnectionOptions | undefined;
}

/** Each operation with its input and what it resolves to. */
export interface UiOperations extends VaultOperations, StoreOperations, ActivityOperations, ChatOperations, DeviceOperations {
  overview: { input: unknown; output: Overview };
  /** Saves, tests and, as the first one, activates. A failed test still saves: the answer says what is wrong. */
  'connection-add': {
    input: ConnectionInput & { readonly providerId: string };
    output: ConnectionTest & { readonly id: ConnectionId };
  };
  'connection-update': { input: ConnectionInput & { readonly id: ConnectionId }; output: ConnectionTest };
  /** Opens the provider's page, waits for the person there, and saves the key that comes of it: with `id` for that connection, else for a new one. */
  'connection-sign-in': {
    input: Omit<ConnectionInput, 'key' | 'baseUrl'> & {
      readonly providerId: string;
      readonly id?: ConnectionId | undefined;
      readonly terms: SignInTerms;
    };
    output: ConnectionTest & { readonly id: ConnectionId };
  };
  /** `undo` brings it back for a while, its key included, as long as no other was removed. */
  'connection-remove': { input: { readonly id: ConnectionId }; output: { readonly undo: string } };
  'connection-restore': { input: { readonly undo: string }; output: undefined };
  'connection-move': { input: { readonly id: ConnectionId; readonly direction: 'up' | 'down' }; output: undefined };
  'connection-duplicate': { input: { readonly id: ConnectionId }; output: { readonly id: ConnectionId } };
  'connection-test': { input: { readonly id: ConnectionId }; output: ConnectionTest };
  'connection-use': { input: { readonly id: ConnectionId }; output: undefined };
  'model-use': { input: { readonly id: ConnectionId; readonly model: string }; output: undefined };
  /** Asks the backend. */
  models: { input: { readonly id: ConnectionId }; output: readonly ModelInfo[] };
  /** What the backend named last; undefined where it was not asked since the browser started. */
  'models-known': { input: { readonly id: ConnectionId }; output: readonly ModelInfo[] | undefined };
  'model-favourite': {
    input: { readonly id: ConnectionId; readonly model: string; readonly isFavourite: boolean };
    output: undefined;
  };
  'approval-decide': {
    input: {
      readonly id: ApprovalId;
      readonly digest: Digest;
      readonly decision: Decision;
      /** The request as the person edited it; absent: as it was shown. */
      readonly messages?: readonly Message[] | undefined;
    };
    output: undefined;
  };
  /** The full text of what would be sent; undefined while its page is being reached again. */
  'approval-content': { input: { readonly id: ApprovalId }; output: RequestContent | undefined };
  /** The approval window tells which card it shows: closing the window refuses that one. */
  'approval-shown': { input: { readonly id: ApprovalId }; output: undefined };
  /** The sites that talked to Oriel from one tab. */
  'tab-sites': { input: { readonly tabId: number }; output: readonly SiteView[] };
  /** Whether the tab was open before Oriel was installed or updated: its page may know nothing of Oriel yet. */
  'tab-opened-before': { input: { readonly tabId: number }; output: boolean };
  'tab-reload': { input: { readonly tabId: number }; output: undefined };
  /** Every site with a grant or a block. */
  sites: { input: unknown; output: readonly SiteView[] };
  'site-set': {
    /** `isPrivate`: of private windows alone, and nothing of it is written down. Otherwise it holds in both. */
    input: Pick<SiteView, 'subject' | 'isPrivate'> & {
      readonly action: 'revoke' | 'block' | 'unblock' | 'ask-again' | 'use-here' | 'use-oriel' | 'use-browser';
    };
    output: undefined;
  };
  /** The chat of this window has taken the selection. */
  'selection-taken': { input: Pick<SelectionView, 'windowId'>; output: undefined };
  'run-stop': { input: { readonly id: string }; output: undefined };
  'run-stop-all': { input: unknown; output: undefined };
  'failure-dismiss': { input: { readonly id: string }; output: undefined };
  /** Looks at the usual ports of this computer. */
  'find-servers': { input: unknown; output: readonly LocalServer[] };
  /** Looks at one address, and says whose server that is. */
  'identify-server': { input: { readonly address: string }; output: Discovery };
  /** Another connection, and another model where one is given, for what waits. */
  'approval-change': {
    input: { readonly id: ApprovalId; readonly connection: ConnectionId; readonly model?: string | undefined };
    output: undefined;
  };
  /** The rules of one site; undefined where it has none. */
  'site-rule': { input: { readonly subject: Subject }; output: SiteRule | undefined };
  'site-rule-set': {
    input: { readonly subject: Subject; readonly rule: SiteRule; readonly choosesModel: boolean };
    output: undefined;
  };
  /** Whether this site's own requests to Oriel's address are answered. */
  'openai-site': { input: { readonly origin: Origin }; output: boolean };
  'openai-site-set': { input: { readonly origin: Origin; readonly on: boolean }; output: undefined };
  /** How all sites together stand, and each of these. */
  budgets: {
    input: { readonly sites: readonly Pick<SiteView, 'subject' | 'isPrivate'>[] };
    output: { readonly all: BudgetView; readonly sites: readonly BudgetView[] };
  };
  /** `subject` null: of all sites together; `budget` absent: the default. What is set in a private window ends with it. */
  'budget-set': {
    input: Pick<BudgetView, 'isPrivate'> & { readonly subject: Subject | null; readonly budget?: Budget | undefined };
    output: undefined;
  };
  /** What a card's **Add** does, without a card. */
  'budget-add': {
    input: Pick<SiteView, 'subject' | 'isPrivate'> & Pick<BudgetQuestion, 'scope' | 'unit' | 'period' | 'add'>;
    output: undefined;
  };
}

export type UiOperation = keyof UiOperations;
export type UiCall = {
  [Operation in UiOperation]: { readonly type: Operation; readonly input: UiOperations[Operation]['input'] };
}[UiOperation];
