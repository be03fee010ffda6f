/**
 * Who answers the Prompt API in this document: the person's word for this site, else a model of the browser's own that can be used at
 * once, else Oriel. Asked with the first call and kept; what changes is told by the background, and only to sites with a permission.
 */

import type { PromptApiState, SiteCapabilities } from '../../protocol/page-messages';
import type { Wish } from '../../protocol/scopes';
import type { PageClient } from '../client';
import { chosen, has } from '../lists';
import { request } from '../requests';
import { toException } from './exceptions';
import type { Wishes } from './options';

export type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';

/** The class that the browser brings, without `this`. */
export interface NativeModel {
  availability(options?: unknown): Promise<Availability>;
  create(options?: unknown): Promise<object>;
}

/** The browser's model, or what the site may where Oriel answers. */
export type Choice = { readonly native: NativeModel } | { readonly native?: undefined; readonly site: SiteCapabilities };

export interface Answerer {
  /** Whether it is known already that Oriel answers. */
  readonly isOriel: boolean;
  /** What the site may, where both are known. */
  readonly site: SiteCapabilities | undefined;
  choose(options: unknown): Promise<Choice>;
  /** The person answered a card. */
  learn(site: SiteCapabilities): void;
  /** From now on it is asked anew. */
  forget(): void;
}

const nothing: PromptApiState = { site: { state: 'ask' } };

export function createAnswerer(client: PageClient, native: NativeModel | undefined): Answerer {
  let known: PromptApiState | undefined;
  let asking: Promise<PromptApiState> | undefined;
  /** The browser's model answers nobody here; its class alone does not say so. */
  let isEmpty = !native;

  const forget = () => {
    known = undefined;
    asking = undefined;
  };
  client.watch({ onEvent: forget, onStale: forget });

  const ask = async (): Promise<PromptApiState> => {
    try {
      known = await request<PromptApiState>(client, { type: 'language-model' }, { toError: toException });
    } catch {
      // Whatever is wrong is told when something is asked for.
      known = nothing;
    }
    return known;
  };

  const canUse = async (model: NativeModel, options: unknown) => {
    try {
      if ((await model.availability(options)) === 'available') return true;
      isEmpty = (await model.availability()) === 'unavailable';
    } catch {
      // It does not know these options.
    }
    return false;
  };

  return {
    get isOriel() {
      return !native || known?.by === 'oriel' || (isEmpty && known?.by !== 'browser');
    },

    get site() {
      return this.isOriel ? known?.site : undefined;
    },

    async choose(options) {
      asking ??= ask();
      const { by, site } = await asking;
      const isNative = native && by !== 'oriel' && (by === 'browser' || (!isEmpty && (await canUse(native, options))));
      return isNative ? { native } : { site };
    },

    learn(site) {
      known = { ...known, site };
    },

    forget,
  };
}

/** What a session wants beside text, as permissions are called. */
export const scopesFor = ({ inputs, tools }: Wishes): Wish[] =>
  chosen<Wish>(
    ['tools', 'image.in', 'audio.in'],
    (scope) =>
      (scope === 'tools' && tools.length > 0) || (scope === 'image.in' && inputs.image) || (scope === 'audio.in' && inputs.audio),
  );

/** Oriel's answer. A permission that is missing counts as a download: it needs a click, may be refused, and is there afterwards. */
export function availabilityOf(wishes: Wishes, site: SiteCapabilities): Availability {
  const { inputs, outputs, isStrange } = wishes;
  if (isStrange || outputs.image || outputs.audio || outputs['tool-response']) return 'unavailable';
  if (site.state === 'ask') return 'downloadable';
  const able = site.model.inputs;
  if (able && ((inputs.image && !has(able, 'image')) || (inputs.audio && !has(able, 'audio')))) return 'unavailable';
  return chosen(scopesFor(wishes), (scope) => !has(site.scopes, scope)).length > 0 ? 'downloadable' : 'available';
}
