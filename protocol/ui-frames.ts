/** The frames of Oriel's own pages. What is in a call is read by `ui-inputs.ts`, which the background loads later. */

import * as v from 'valibot';
import type { ClientFrame } from './channel';
import { limits } from './limits';
import { frameOf } from './page-messages';

/** A call whose operation and input nobody has looked at. */
export interface UnreadUiCall {
  readonly type: string;
  readonly input?: unknown;
}

const uiFrame = frameOf(
  v.strictObject({ type: v.pipe(v.string(), v.maxLength(limits.idChars)), input: v.optional(v.unknown()) }),
);

/** A frame of one of Oriel's own pages, or undefined. */
export function parseUiFrame(message: unknown): ClientFrame<UnreadUiCall> | undefined {
  const frame = v.safeParse(uiFrame, message);
  return frame.success ? frame.output : undefined;
}
