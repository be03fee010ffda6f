/** What Oriel's own pages may ask of the background, and what they are shown. A closed table, apart from the pages' one. */

import * as v from 'valibot';
import type { ClientFrame } from './channel';
import type { DeviceModel, DeviceModelState } from './engine';
import type { PersonError } from './errors';
import type { Connection, Message, ModelInfo, Place } from './generate';
import {
  type ApprovalId,
  type ConnectionId,
  type Digest,
  type MicroUsd,
  type Origin,
  toApprovalId,
  toConnectionId,
  toDigest,
  toOrigin,
} from './ids';
import { limits } from './limits';
import { frameOf } from './page-messages';
import { vaultInputs } from './vault-inputs';
import type { VaultOperations, VaultView } from './vault-messages';

/** Who asks: the site in the address bar, and the frame inside it where that is another site. */
export interface Subject {
  readonly top: Origin;
  readonly frame?: Origin | undefined;
}

export type Decision = 'deny' | 'allow-request' | 'allow-visit' | 'allow-always' | 'never';

/** A connection with what is known of its health. */
export interface ConnectionView extends Connection {
  readonly providerName: string;
  readonly place: Place;
  /** Last four characters of the saved key, none of a short one; absent without a key. */
  readonly keyEnding?: string | undefined;
  readonly state: { readonly type: 'connected' } | { readonly type: 'needs-attention'; readonly error: PersonError };
}

export type CostView =
  | { readonly type: 'free' }
  /** Billed by the provider, price not known to Oriel. */
  | { readonly type: 'metered' }
  | { readonly type: 'estimate'; readonly microUsd: MicroUsd };

/** One card of **Waiting for you**. */
export interface ApprovalView {
  readonly id: ApprovalId;
  readonly digest: Digest;
  readonly subject: Subject;
  /** The page came over plain http from elsewhere on the network. */
  readonly insecure: boolean;
  /** Absent while nothing is connected: the card then offers to set one up. */
  readonly answeredBy?: { readonly connection: ConnectionView; readonly model: string; readonly cost: CostView } | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface RunningView {
  readonly id: string;
  readonly subject: Subject;
  readonly model: string;
  readonly connectionName: string;
  readonly startedAt: number;
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

export interface DeviceModelView {
  readonly model: DeviceModel;
  readonly state: DeviceModelState | { readonly type: 'failed'; readonly error: PersonError };
}

/** Everything the interface shows, as one snapshot; pushed anew whenever any of it changes. */
export interface Overview {
  readonly connections: readonly ConnectionView[];
  readonly activeConnection?: ConnectionId | undefined;
  readonly approvals: readonly ApprovalView[];
  readonly running: readonly RunningView[];
  readonly failures: readonly FailureView[];
  /** Models that can run on this device; absent where this browser cannot run them yet. */
  readonly device?: readonly DeviceModelView[] | undefined;
  readonly vault: VaultView;
}

/** State of one site for the popup's **This site**, and a row of **Sites**. */
export interface SiteView {
  readonly subject: Subject;
  readonly state:
    | { readonly type: 'none' }
    | { readonly type: 'visit'; readonly since: number }
    | { readonly type: 'always'; readonly since: number; readonly lastUsedAt: number }
    | { readonly type: 'blocked'; readonly since: number }
    /** Answered without asking until **Ask again**. */
    | { readonly type: 'refused'; readonly at: number }
    /** Plain http from elsewhere on the network; refused until **Use here**. */
    | { readonly type: 'insecure' };
}

/** A server that answered on this computer. */
export interface LocalServer {
  readonly baseUrl: string;
  readonly models: readonly string[];
}

export type UiEvent = { readonly type: 'overview'; readonly overview: Overview };

/** What a connection form sends. `key` absent: unchanged; empty: removed. */
export interface ConnectionInput {
  readonly name?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly key?: string | undefined;
  readonly defaultModel?: string | undefined;
}

/** Each operation with its input and what it resolves to. */
export interface UiOperations extends VaultOperations {
  overview: { input: unknown; output: Overview };
  /** Saves, tests and, as the first one, activates. A failed test still saves: the answer says what is wrong. */
  'connection-add': {
    input: ConnectionInput & { readonly providerId: string };
    output: ConnectionTest & { readonly id: ConnectionId };
  };
  'connection-update': { input: ConnectionInput & { readonly id: ConnectionId }; output: ConnectionTest };
  'connection-remove': { input: { readonly id: ConnectionId }; output: undefined };
  'connection-test': { input: { readonly id: ConnectionId }; output: ConnectionTest };
  'connection-use': { input: { readonly id: ConnectionId }; output: undefined };
  'model-use': { input: { readonly id: ConnectionId; readonly model: string }; output: undefined };
  /** Asks the backend. */
  models: { input: { readonly id: ConnectionId }; output: readonly ModelInfo[] };
  'approval-decide': {
    input: { readonly id: ApprovalId; readonly digest: Digest; readonly decision: Decision };
    output: undefined;
  };
  /** The full text of what would be sent; undefined while its page is being reached again. */
  'approval-messages': { input: { readonly id: ApprovalId }; output: readonly Message[] | undefined };
  /** The approval window tells which card it shows: closing the window refuses that one. */
  'approval-shown': { input: { readonly id: ApprovalId }; output: undefined };
  /** The sites that talked to Oriel from one tab. */
  'tab-sites': { input: { readonly tabId: number }; output: readonly SiteView[] };
  /** Every site with a grant or a block. */
  sites: { input: unknown; output: readonly SiteView[] };
  'site-set': {
    input: { readonly subject: Subject; readonly action: 'revoke' | 'block' | 'unblock' | 'ask-again' | 'use-here' };
    output: undefined;
  };
  'run-stop': { input: { readonly id: string }; output: undefined };
  'run-stop-all': { input: unknown; output: undefined };
  'failure-dismiss': { input: { readonly id: string }; output: undefined };
  'device-download': { input: { readonly modelId: string }; output: undefined };
  'device-cancel': { input: { readonly modelId: string }; output: undefined };
  'device-remove': { input: { readonly modelId: string }; output: undefined };
  /** Looks at the usual ports of this computer. */
  'find-servers': { input: unknown; output: readonly LocalServer[] };
}

export type ConnectionTest =
  | { readonly type: 'connected'; readonly models: readonly ModelInfo[] }
  | { readonly type: 'failed'; readonly error: PersonError };

export type UiOperation = keyof UiOperations;
export type UiCall = {
  [Operation in UiOperation]: { readonly type: Operation; readonly input: UiOperations[Operation]['input'] };
}[UiOperation];

const connectionId = v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toConnectionId));
const approvalId = v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toApprovalId));
const origin = v.pipe(
  v.string(),
  v.transform((value: string) => toOrigin(value)),
  v.custom<Origin>((value) => value !== undefined),
);
const text = (maximum: number) => v.optional(v.pipe(v.string(), v.maxLength(maximum)));
const modelId = v.pipe(v.string(), v.maxLength(limits.modelChars));
const nothing = v.optional(v.strictObject({}));
const form = {
  name: text(limits.nameChars),
  baseUrl: text(limits.baseUrlChars),
  key: text(limits.keyChars),
  defaultModel: text(limits.modelChars),
};

const inputs = {
  overview: nothing,
  'connection-add': v.strictObject({ providerId: v.pipe(v.string(), v.maxLength(limits.idChars)), ...form }),
  'connection-update': v.strictObject({ id: connectionId, ...form }),
  'connection-remove': v.strictObject({ id: connectionId }),
  'connection-test': v.strictObject({ id: connectionId }),
  'connection-use': v.strictObject({ id: connectionId }),
  'model-use': v.strictObject({ id: connectionId, model: modelId }),
  models: v.strictObject({ id: connectionId }),
  'approval-decide': v.strictObject({
    id: approvalId,
    digest: v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toDigest)),
    decision: v.picklist(['deny', 'allow-request', 'allow-visit', 'allow-always', 'never']),
  }),
  'approval-messages': v.strictObject({ id: approvalId }),
  'approval-shown': v.strictObject({ id: approvalId }),
  'tab-sites': v.strictObject({ tabId: v.pipe(v.number(), v.safeInteger()) }),
  sites: nothing,
  'site-set': v.strictObject({
    subject: v.strictObject({ top: origin, frame: v.optional(origin) }),
    action: v.picklist(['revoke', 'block', 'unblock', 'ask-again', 'use-here']),
  }),
  'run-stop': v.strictObject({ id: v.string() }),
  'run-stop-all': nothing,
  'failure-dismiss': v.strictObject({ id: v.string() }),
  'device-download': v.strictObject({ modelId }),
  'device-cancel': v.strictObject({ modelId }),
  'device-remove': v.strictObject({ modelId }),
  'find-servers': nothing,
  ...vaultInputs,
} satisfies Record<UiOperation, v.GenericSchema>;

export const uiOperations = Object.keys(inputs) as readonly UiOperation[];

const uiFrame = frameOf(
  v.strictObject({ type: v.picklist(uiOperations as [UiOperation, ...UiOperation[]]), input: v.optional(v.unknown()) }),
);

/** A frame of one of Oriel's own pages, or undefined. */
export function parseUiFrame(message: unknown): ClientFrame<UiCall> | undefined {
  const frame = v.safeParse(uiFrame, message);
  if (!frame.success) return undefined;
  if (frame.output.type !== 'request') return frame.output;
  const { type, input } = frame.output.call;
  const parsed = v.safeParse(inputs[type] as v.GenericSchema, input);
  // The table pairs each operation with its schema; TypeScript cannot follow the lookup.
  return parsed.success ? { ...frame.output, call: { type, input: parsed.output } as UiCall } : undefined;
}
