/** The edge of the background towards Oriel's own pages: the schema of each operation's input. Apart from the messages, so that the pages do not carry it. */

import * as v from 'valibot';
import { activityInputs } from './activity-inputs';
import { additionSchema, budgetSchema } from './budgets';
import { chatInputs } from './chat';
import { type MicroUsd, toApprovalId, toDigest } from './ids';
import { connectionId, origin, subject } from './input-parts';
import { limits } from './limits';
import { mostParts } from './model-parts';
import { textMessages } from './request-inputs';
import { connectionOptions } from './settings-inputs';
import { signInDays } from './sign-in';
import { siteRule } from './site-rules';
import type { UnreadUiCall } from './ui-frames';
import type { UiCall, UiOperation } from './ui-messages';
import { storeInputs, vaultInputs } from './vault-inputs';

const approvalId = v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toApprovalId));
const text = (maximum: number) => v.optional(v.pipe(v.string(), v.maxLength(maximum)));
const modelId = v.pipe(v.string(), v.maxLength(limits.modelChars));
const tab = v.strictObject({ tabId: v.pipe(v.number(), v.safeInteger()) });
const fileUrl = v.pipe(v.string(), v.maxLength(limits.baseUrlChars), v.url(), v.regex(/^https?:/));
const byteCount = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const nothing = v.optional(v.strictObject({}));
const signInTerms = v.strictObject({
  limit: v.pipe(
    v.number(),
    v.safeInteger(),
    v.minValue(1),
    v.maxValue(limits.signInMicroUsd),
    v.transform((value) => value as MicroUsd),
  ),
  period: v.picklist(['day', 'week', 'month']),
  days: v.picklist(signInDays),
});
const form = {
  name: text(limits.nameChars),
  baseUrl: text(limits.baseUrlChars),
  key: text(limits.keyChars),
  defaultModel: text(limits.modelChars),
  options: v.optional(connectionOptions),
};

const inputs = {
  overview: nothing,
  'connection-add': v.strictObject({ providerId: v.pipe(v.string(), v.maxLength(limits.idChars)), ...form }),
  'connection-update': v.strictObject({ id: connectionId, ...form }),
  'connection-sign-in': v.strictObject({
    providerId: v.pipe(v.string(), v.maxLength(limits.idChars)),
    id: v.optional(connectionId),
    terms: signInTerms,
    name: form.name,
    defaultModel: form.defaultModel,
    options: form.options,
  }),
  'connection-remove': v.strictObject({ id: connectionId }),
  'connection-restore': v.strictObject({ undo: v.pipe(v.string(), v.maxLength(limits.idChars)) }),
  'connection-move': v.strictObject({ id: connectionId, direction: v.picklist(['up', 'down']) }),
  'connection-duplicate': v.strictObject({ id: connectionId }),
  'connection-test': v.strictObject({ id: connectionId }),
  'connection-use': v.strictObject({ id: connectionId }),
  'model-use': v.strictObject({ id: connectionId, model: modelId }),
  models: v.strictObject({ id: connectionId }),
  'models-known': v.strictObject({ id: connectionId }),
  'model-favourite': v.strictObject({ id: connectionId, model: modelId, isFavourite: v.boolean() }),
  'approval-decide': v.strictObject({
    id: approvalId,
    digest: v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toDigest)),
    decision: v.picklist(['deny', 'allow-request', 'allow-visit', 'allow-always', 'never', 'add']),
    messages: v.optional(textMessages),
  }),
  'approval-content': v.strictObject({ id: approvalId }),
  'approval-shown': v.strictObject({ id: approvalId }),
  'tab-sites': tab,
  'tab-opened-before': tab,
  'tab-reload': tab,
  sites: nothing,
  'site-set': v.strictObject({
    subject,
    isPrivate: v.optional(v.boolean()),
    action: v.picklist(['revoke', 'block', 'unblock', 'ask-again', 'use-here', 'use-oriel', 'use-browser']),
  }),
  chat: v.strictObject({
    connection: connectionId,
    model: v.optional(modelId),
    messages: textMessages,
    isPrivate: v.boolean(),
  }),
  'selection-taken': v.strictObject({ windowId: v.pipe(v.number(), v.safeInteger()) }),
  'run-stop': v.strictObject({ id: v.string() }),
  'run-stop-all': nothing,
  'failure-dismiss': v.strictObject({ id: v.string() }),
  'device-download': v.strictObject({ modelId }),
  'device-pause': v.strictObject({ modelId }),
  'device-add': v.strictObject({
    url: fileUrl,
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameChars)),
    bytes: v.optional(byteCount),
    sha256: v.optional(sha256),
    licence: text(limits.nameChars),
    parts: v.optional(
      v.pipe(
        v.array(v.strictObject({ url: fileUrl, bytes: byteCount, sha256: v.optional(sha256) })),
        v.minLength(2),
        v.maxLength(mostParts),
      ),
    ),
  }),
  'device-measure': v.strictObject({ url: fileUrl }),
  'device-imported': nothing,
  'device-engine': nothing,
  'hub-search': v.strictObject({ query: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameChars)) }),
  'hub-files': v.strictObject({ repository: v.pipe(v.string(), v.maxLength(limits.modelChars), v.regex(/^[\w.-]+\/[\w.-]+$/)) }),
  'device-remove': v.strictObject({ modelId }),
  'find-servers': nothing,
  'identify-server': v.strictObject({ address: v.pipe(v.string(), v.maxLength(limits.baseUrlChars)) }),
  'approval-change': v.strictObject({ id: approvalId, connection: connectionId, model: v.optional(modelId) }),
  'site-rule': v.strictObject({ subject }),
  'site-rule-set': v.strictObject({ subject, rule: siteRule, choosesModel: v.boolean() }),
  'openai-site': v.strictObject({ origin }),
  'openai-site-set': v.strictObject({ origin, on: v.boolean() }),
  budgets: v.strictObject({
    sites: v.pipe(v.array(v.strictObject({ subject, isPrivate: v.optional(v.boolean()) })), v.maxLength(1000)),
  }),
  'budget-set': v.strictObject({
    subject: v.nullable(subject),
    isPrivate: v.optional(v.boolean()),
    budget: v.optional(budgetSchema),
  }),
  'budget-add': v.strictObject({
    subject,
    isPrivate: v.optional(v.boolean()),
    scope: v.picklist(['site', 'all']),
    ...additionSchema.entries,
  }),
  ...activityInputs,
  ...chatInputs,
  ...vaultInputs,
  ...storeInputs,
} satisfies Record<UiOperation, v.GenericSchema>;

export const uiOperations = Object.keys(inputs) as readonly UiOperation[];

/** What one of Oriel's own pages calls, with fresh input, or undefined where the table has no such operation or its schema refuses the input. */
export function parseUiCall({ type, input }: UnreadUiCall): UiCall | undefined {
  if (!Object.hasOwn(inputs, type)) return undefined;
  const parsed = v.safeParse(inputs[type as UiOperation] as v.GenericSchema, input);
  // The table pairs each operation with its schema; TypeScript cannot follow the lookup.
  return parsed.success ? ({ type, input: parsed.output } as UiCall) : undefined;
}
