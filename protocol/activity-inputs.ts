/** The schemas of what the log and the sums of use are asked, apart from their messages: Oriel's pages use those without carrying these. */

import * as v from 'valibot';
import { type ActivityOperations, endings, retentions, usagePeriods } from './activity';
import { connectionId, subject } from './input-parts';
import { limits } from './limits';

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const activityInputs = {
  'activity-list': v.strictObject({
    text: v.optional(v.pipe(v.string(), v.maxLength(limits.nameChars))),
    connection: v.optional(connectionId),
    ending: v.optional(v.picklist(endings)),
    limit: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.activityPage)),
    before: v.optional(id),
  }),
  'activity-kept': v.optional(v.strictObject({})),
  'activity-content': v.strictObject({ id }),
  'activity-keep-content': v.strictObject({ on: v.boolean() }),
  'activity-keep': v.strictObject({ retention: v.picklist(retentions) }),
  'activity-remove': v.variant('type', [
    v.strictObject({ type: v.literal('one'), id }),
    v.strictObject({ type: v.literal('site'), subject }),
    v.strictObject({ type: v.literal('log') }),
    v.strictObject({ type: v.literal('contents') }),
    v.strictObject({ type: v.literal('log-and-usage') }),
  ]),
  'activity-undo': v.strictObject({ undo: v.pipe(v.string(), v.maxLength(limits.idChars)) }),
  usage: v.strictObject({ period: v.picklist(usagePeriods) }),
} satisfies Record<keyof ActivityOperations, v.GenericSchema>;
