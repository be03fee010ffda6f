import { expect, test } from 'vitest';
import './platform';
import { createPageClient } from '../../../page/client';
import { installPromptApi } from '../../../page/prompt-api/install';
import { createRelayEnd } from '../support/relay-end';
import type { TestModel } from './support';

/** A document of a browser with a model of its own, whose embedder does not allow it that. */
function embedded() {
  const Native = Object.assign(class {}, { availability: async () => 'available', create: async () => ({}) });
  const document = { featurePolicy: { allowsFeature: (_feature: string): boolean => false }, defaultView: undefined as unknown };
  const window = {
    ...{ isSecureContext: true, origin: 'https://a.test', LanguageModel: Native as unknown, document },
    navigator: { userActivation: { hasBeenActive: true } },
  };
  document.defaultView = window;
  return window;
}

test('what the embedder of a frame does not allow, the frame cannot allow itself', async () => {
  const window = embedded();
  installPromptApi(window as never, createPageClient(createRelayEnd().port));
  const model = window.LanguageModel as TestModel;
  expect(await model.availability()).toBe('unavailable');
  window.document.featurePolicy = { allowsFeature: () => true };
  expect(await model.availability()).toBe('unavailable');
  await expect(model.create()).rejects.toMatchObject({ name: 'NotAllowedError' });
});
