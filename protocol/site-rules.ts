/** The rules of one site, and what a card says of a site that holds a permission and is asked about all the same. */

import * as v from 'valibot';
import type { Place } from './generate';
import { type ConnectionId, toConnectionId } from './ids';
import { limits } from './limits';
import type { ModelSettings } from './model-settings';
import { siteSettings } from './settings-inputs';

export type ApprovalNotice =
  /** The words of this site went no further than this until now. */
  | { readonly type: 'further'; readonly until: Place }
  /** The request seems to hold this; all but a little of it is masked. */
  | { readonly type: 'holds'; readonly what: Suspect; readonly masked: string };

export type Suspect = 'key' | 'password' | 'card-number';

/** Who answers a site's `LanguageModel`: Oriel, or the model that the browser brings. */
export type PromptApiAnswerer = 'oriel' | 'browser';

/** Which connection and model answer one site; what is absent is as for every site. */
export interface SiteRule {
  readonly connection?: ConnectionId | undefined;
  readonly model?: string | undefined;
  /** Who answers where the first is down, in this order. */
  readonly fallback: readonly ConnectionId[];
  /** Nothing of this site leaves the computer. */
  readonly onlyThisComputer: boolean;
  /** Each call is asked for, whatever the site is allowed. */
  readonly asksEveryTime: boolean;
  /** What answers where the page asks for a model by this name. */
  readonly mapped: readonly MappedModel[];
  /** Before those of the connection. */
  readonly settings?: SiteSettings | undefined;
}

export type SiteSettings = Pick<ModelSettings, 'samplers' | 'maxOutputTokens' | 'stop'>;

export interface MappedModel {
  readonly asked: string;
  readonly connection: ConnectionId;
  readonly model?: string | undefined;
}

const connectionId = v.pipe(v.string(), v.maxLength(limits.idChars), v.transform(toConnectionId));
const modelId = v.pipe(v.string(), v.maxLength(limits.modelChars));
const entries = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(limits.ruleEntries));

export const siteRule = v.strictObject({
  connection: v.optional(connectionId),
  model: v.optional(modelId),
  fallback: entries(connectionId),
  onlyThisComputer: v.boolean(),
  asksEveryTime: v.boolean(),
  mapped: entries(
    v.strictObject({ asked: v.pipe(modelId, v.minLength(1)), connection: connectionId, model: v.optional(modelId) }),
  ),
  settings: v.optional(siteSettings),
});
