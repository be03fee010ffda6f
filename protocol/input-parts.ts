/** What the schemas of several operations have in common: who a site is, which connection is meant. */

import * as v from 'valibot';
import { type Origin, toConnectionId, toOrigin } from './ids';
import { limits } from './limits';

export const connectionId = v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toConnectionId));

export const origin = v.pipe(
  v.string(),
  v.transform((value: string) => toOrigin(value)),
  v.custom<Origin>((value) => value !== undefined),
);

export const subject = v.strictObject({ top: origin, frame: v.optional(origin) });
