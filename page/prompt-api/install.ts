/** Puts the Prompt API where pages look for it, over what the browser brings, which stays inside for where it answers (design.md §3). */

import type { PageClient } from '../client';
import { apply, assign, defineProperties, uncurry } from '../realm';
import { hasOwnFramesOnly } from '../relay';
import { createAnswerer, type NativeModel } from './answerer';
import { QuotaExceeded } from './exceptions';
import { createLanguageModel, type PageDocument } from './language-model';

type PageWindow = Window & typeof globalThis & { readonly LanguageModel?: NativeModel & (new () => object) };

/** Not in TypeScript's DOM: Chromium's. */
type PolicyDocument = Document & { readonly featurePolicy?: { allowsFeature(feature: string): boolean } };

const isInstance = uncurry(Function.prototype[Symbol.hasInstance]);

/** Secure contexts have it, and no others. */
export function installPromptApi(window: PageWindow, client: PageClient): void {
  if (!window.isSecureContext) return;
  const native = window.LanguageModel;
  const { availability, create } = native ?? {};
  const inside: NativeModel | undefined = availability &&
    create && {
      availability: (options) => apply(availability, native, [options]),
      create: (options) => apply(create, native, [options]),
    };
  const answerer = createAnswerer(client, inside);
  const interfaces = createLanguageModel(client, answerer, watchDocument(window, inside !== undefined));
  if (native) {
    // Sessions of the browser's own model are LanguageModels as well.
    const value = (object: unknown) => isInstance(interfaces.LanguageModel, object) || isInstance(native, object);
    defineProperties(interfaces.LanguageModel, { [Symbol.hasInstance]: { value } });
  }
  const globals: Record<string, unknown> =
    'QuotaExceededError' in window ? interfaces : assign(interfaces, { QuotaExceededError: QuotaExceeded });
  const properties: PropertyDescriptorMap = {};
  for (const name in globals) properties[name] = { value: globals[name], writable: true, configurable: true };
  defineProperties(window, properties);
}

/**
 * Looked at with each call, since every page would pay for it at its start. What a page makes of it, only the page believes: the relay tells the
 * background. The policy alone is its embedder's word, and is taken before the page runs.
 * @param isNative a browser with a model of its own knows the policy of that name; another one knows it only by the frames around
 */
function watchDocument(window: PageWindow, isNative: boolean): PageDocument {
  const policy = isNative ? (window.document as PolicyDocument).featurePolicy : undefined;
  const allows = policy && uncurry(policy.allowsFeature);
  return {
    isActive: () => window.document.defaultView === window,
    isPermitted: () => (allows ? allows(policy, 'language-model') : hasOwnFramesOnly(window)),
    hasBeenUsed: () => window.navigator.userActivation.hasBeenActive,
  };
}
