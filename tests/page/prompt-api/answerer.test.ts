import { expect, test, vi } from 'vitest';
import type { NativeModel } from '../../../page/prompt-api/answerer';
import { allowed, errorOf, openPage } from './support';

const own = { own: true };
const nativeWith = (availability: string) => ({
  availability: vi.fn<NativeModel['availability']>(async () => availability as 'available'),
  create: vi.fn<NativeModel['create']>(async () => own),
});
const progressOf = () => {
  const heard: number[] = [];
  const monitor = (target: EventTarget) =>
    target.addEventListener('downloadprogress', (event) => heard.push((event as ProgressEvent).loaded));
  return { heard, monitor };
};

test('nothing is asked before the first call, and one question answers all that follow', async () => {
  const page = openPage();
  page.answers();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(page.relay.posted).toHaveLength(0);
  for (let count = 0; count < 100; count += 1) expect(await page.LanguageModel.availability()).toBe('available');
  expect(page.relay.posted).toHaveLength(1);
});

test.each(['model-changed', 'language-model-changed', 'disconnected'])('after %s it is asked anew', async (type) => {
  const page = openPage();
  page.answers();
  await page.LanguageModel.availability();
  page.relay.send((type === 'disconnected' ? { type } : { v: 1, type: 'event', event: { type, model: 'x' } }) as never);
  page.answers(undefined, { site: { state: 'ask' } });
  expect(await page.LanguageModel.availability()).toBe('downloadable');
});

test.each<[string, object, object | undefined, string]>([
  ['text', {}, undefined, 'available'],
  ['an image, where nobody knows what the model takes', { expectedInputs: [{ type: 'image' }] }, undefined, 'available'],
  ['an image, of a model of text', { expectedInputs: [{ type: 'image' }] }, { inputs: ['text'] }, 'unavailable'],
  ['an image, of one that sees', { expectedInputs: [{ type: 'image' }] }, { inputs: ['text', 'image'] }, 'available'],
  ['a sound, of one that sees', { expectedInputs: [{ type: 'audio' }] }, { inputs: ['text', 'image'] }, 'unavailable'],
  ['an image as output', { expectedOutputs: [{ type: 'image' }] }, undefined, 'unavailable'],
  ['a language', { expectedOutputs: [{ type: 'text', languages: ['haw'] }] }, undefined, 'available'],
  ['what is no language', { expectedInputs: [{ type: 'text', languages: ['zz'] }] }, undefined, 'unavailable'],
])('%s is answered by what the model can do', async (_name, options, model, expected) => {
  const page = openPage();
  page.answers(undefined, { site: { ...allowed, model: { id: 'm', ...model } } as never });
  expect(await page.LanguageModel.availability(options)).toBe(expected);
});

test('what the site may not yet is downloadable, and create() asks for it', async () => {
  const page = openPage();
  page.answers(undefined, { site: { ...allowed, scopes: ['generate'] } as never });
  const options = { expectedInputs: [{ type: 'image' }] };
  expect(await page.LanguageModel.availability()).toBe('available');
  expect(await page.LanguageModel.availability(options)).toBe('downloadable');
  const { heard, monitor } = progressOf();
  await page.LanguageModel.create({ ...options, monitor });
  expect(page.relay.posted.at(-1)?.call).toMatchObject({ type: 'connect', scopes: ['image.in'] });
  expect(heard).toEqual([0, 1]);
  expect(await page.LanguageModel.availability(options)).toBe('available');
});

test('create() without a permission needs a page that was used, and a refusal is a NotAllowedError', async () => {
  const page = openPage();
  page.answers(undefined, { site: { state: 'ask' } });
  page.page.hasBeenUsed = () => false;
  expect(await errorOf(page.LanguageModel.create())).toMatchObject({ name: 'NotAllowedError' });
  expect(page.relay.posted.map(({ call }) => call?.type)).toEqual(['language-model']);
  page.page.hasBeenUsed = () => true;
  page.relay.onPost(({ id, call }) =>
    queueMicrotask(() =>
      call?.type === 'connect' ? page.relay.fail(id, { code: 'not-allowed' }) : page.relay.end(id, { site: { state: 'ask' } }),
    ),
  );
  const { heard, monitor } = progressOf();
  expect(await errorOf(page.LanguageModel.create({ monitor }))).toMatchObject({ name: 'NotAllowedError' });
  expect(heard).toEqual([0]);
});

test('an abort while the person is asked takes the question back', async () => {
  const page = openPage();
  const abort = new AbortController();
  page.relay.onPost(({ id, call }) => {
    if (call?.type === 'language-model') queueMicrotask(() => page.relay.end(id, { site: { state: 'ask' } }));
    if (call?.type === 'connect') queueMicrotask(() => abort.abort('enough'));
  });
  expect(await errorOf(page.LanguageModel.create({ signal: abort.signal }))).toBe('enough');
  expect(page.relay.posted.at(-1)?.type).toBe('abort');
});

test('an abort right after the last progress still ends create()', async () => {
  const page = openPage();
  page.answers();
  const abort = new AbortController();
  const monitor = (target: EventTarget) =>
    target.addEventListener('downloadprogress', (event) => {
      if ((event as ProgressEvent).loaded === 1) queueMicrotask(() => abort.abort('late'));
    });
  expect(await errorOf(page.LanguageModel.create({ monitor, signal: abort.signal }))).toBe('late');
});

test('the browser’s own model answers where it can be used at once, with the options as they were passed', async () => {
  const native = nativeWith('available');
  const page = openPage(native);
  page.answers();
  const options = { expectedInputs: [{ type: 'text' }], unknownToUs: 1 };
  expect(await page.LanguageModel.availability(options)).toBe('available');
  expect(await page.LanguageModel.create(options)).toBe(own);
  expect(native.create).toHaveBeenCalledWith(options);
});

test.each(['unavailable', 'downloadable', 'downloading'])('where it is %s, Oriel answers', async (availability) => {
  const native = nativeWith(availability);
  const page = openPage(native);
  page.answers(undefined, { site: { state: 'ask' } });
  expect(await page.LanguageModel.availability()).toBe('downloadable');
  page.answers();
  const session = await page.LanguageModel.create();
  expect(session).toBeInstanceOf(page.LanguageModel);
  expect(native.create).not.toHaveBeenCalled();
});

test('a model of the browser’s that is empty is looked at once', async () => {
  const native = nativeWith('unavailable');
  const page = openPage(native);
  page.answers();
  for (let count = 0; count < 10; count += 1) await page.LanguageModel.availability();
  expect(native.availability).toHaveBeenCalledTimes(2);
});

test('where it cannot do what is asked for, Oriel does', async () => {
  const native = nativeWith('available');
  native.availability.mockImplementation(async (options) => {
    if (options) throw new TypeError('It knows no tools.');
    return 'available';
  });
  const page = openPage(native);
  page.answers();
  const session = await page.LanguageModel.create({ expectedInputs: [{ type: 'tool-response' }] });
  expect(session).toBeInstanceOf(page.LanguageModel);
});

test('the person’s word counts more: my models here, or the browser’s own here', async () => {
  const native = nativeWith('available');
  const page = openPage(native);
  page.answers(undefined, { by: 'oriel' });
  expect(await page.LanguageModel.create()).toBeInstanceOf(page.LanguageModel);
  expect(native.availability).not.toHaveBeenCalled();
  page.answers(undefined, { by: 'browser' });
  native.availability.mockImplementation(async () => 'downloadable');
  expect(await page.LanguageModel.create()).toBe(own);
  expect(await page.LanguageModel.availability()).toBe('downloadable');
});

test('where the background says nothing, there is no permission', async () => {
  const page = openPage();
  page.relay.onPost(({ id }) => queueMicrotask(() => page.relay.fail(id, { code: 'interrupted' })));
  expect(await page.LanguageModel.availability()).toBe('downloadable');
});
