import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDeviceApi } from '../../background/device-api';
import { createDownloads, type Downloads } from '../../background/downloads';
import { createEgress } from '../../background/egress';
import type { EngineStatus } from '../../protocol/engine';
import { createModelHub } from '../../providers/model-hub';
import { type ModelHubServer, startModelHub } from '../support/servers/model-hub';
import { createStore, deviceFile, deviceModel, devicePartFiles, partName, type TestStore } from './support/device';
import { createHolds } from './support/keep-alive';
import { noSocket } from './support/sockets';

let hub: ModelHubServer;
let store: TestStore;
let downloads: Downloads;
const engine = { status: vi.fn(async (): Promise<EngineStatus | undefined> => undefined), unload: vi.fn(async () => undefined) };
const egress = createEgress({ fetch, openSocket: noSocket, vault: { open: async () => undefined } });

const api = () => createDeviceApi({ downloads, engine, egress, hub: createModelHub(hub.origin, egress.download) });
const url = () => hub.fileUrl('owner/tiny', 'tiny.gguf');
const state = async (id: string) => (await downloads.views()).find(({ model }) => model.id === id)?.state.type;

beforeEach(async () => {
  hub = await startModelHub();
  hub.put('owner/tiny', 'tiny.gguf', deviceFile);
  store = createStore();
  downloads = createDownloads({
    ...{ shelf: [], store, egress, keepAlive: createHolds(), onChange: () => undefined },
    estimate: async () => ({}),
    wait: async () => undefined,
  });
});
afterEach(() => hub.close());

test('a file that was found is downloaded under an id of its own, which it keeps', async () => {
  const file = { url: url(), name: 'Tiny.gguf', bytes: deviceFile.length, sha256: deviceModel.sha256, licence: 'mit' };
  expect(await api()['device-add'](file)).toEqual({ modelId: 'tiny' });
  await downloads.download('tiny');
  expect(await api()['device-add'](file)).toEqual({ modelId: 'tiny-2' });
  expect((await store.find('tiny'))?.model).toMatchObject({ ...file, id: 'tiny' });
  await downloads.download('tiny-2');
});

test('a failure of such a download is kept for the person to see', async () => {
  hub.faults.status = 404;
  const { modelId } = await api()['device-add']({ url: url(), name: 'Tiny' });
  await vi.waitFor(async () => expect(await state(modelId)).toBe('failed'));
});

test('without a checksum, a file comes by an encrypted way or from this computer only', async () => {
  await expect(api()['device-add']({ url: 'http://models.test/x.gguf', name: 'x' })).rejects.toMatchObject({ field: 'sha256' });
  expect(await downloads.views()).toEqual([]);
});

const putParts = () => devicePartFiles.forEach((file, index) => void hub.put('owner/big', partName(index), file));
const sizes = devicePartFiles.map(({ length }) => length);
const sum = sizes.reduce((all, size) => all + size, 0);
const partUrl = (index: number) => hub.fileUrl('owner/big', partName(index));

test('at the address of one part, all parts are found and measured', async () => {
  putParts();
  const parts = sizes.map((bytes, index) => ({ url: `${partUrl(index)}?download=true`, bytes }));
  expect(await api()['device-measure']({ url: `${partUrl(1)}?download=true` })).toEqual({ bytes: sum, parts });
});

test('where a part is missing, or nobody says how long it is, that is a failure', async () => {
  putParts();
  hub.faults.noLength = true;
  hub.faults.noRanges = true;
  await expect(api()['device-measure']({ url: partUrl(0) })).rejects.toMatchObject({ fault: 'server' });
  hub.faults.noLength = false;
  hub.put('owner/half', partName(0), devicePartFiles[0] ?? deviceFile);
  const half = hub.fileUrl('owner/half', partName(0));
  await expect(api()['device-measure']({ url: half })).rejects.toMatchObject({ fault: 'server', status: 404 });
});

test('a model in parts is downloaded as one, whose length is that of all', async () => {
  putParts();
  const { parts = [] } = await api()['device-measure']({ url: partUrl(0) });
  const { modelId } = await api()['device-add']({ url: partUrl(0), name: 'Big', sha256: '0'.repeat(64), parts });
  await downloads.download(modelId);
  expect(await store.find(modelId)).toMatchObject({ isComplete: true, receivedBytes: sum, model: { bytes: sum } });
});

test('each part needs a checksum or a safe way of its own', async () => {
  const parts = [
    { url: 'http://models.test/a.gguf', bytes: 4, sha256: '0'.repeat(64) },
    { url: 'http://models.test/b.gguf', bytes: 4 },
  ];
  const add = api()['device-add']({ url: 'https://models.test/a.gguf', name: 'x', parts });
  await expect(add).rejects.toMatchObject({ field: 'sha256' });
});

test('what the engine measured is heard of by whoever asks what computes', async () => {
  expect(await api()['device-engine']()).toBeUndefined();
  const measured = vi.spyOn(downloads, 'measured');
  const status = { threads: 1, isGenerating: false, waiting: 0 };
  engine.status.mockResolvedValueOnce(status);
  expect(await api()['device-engine']()).toBe(status);
  expect(measured).not.toHaveBeenCalled();
  engine.status.mockResolvedValueOnce({ ...status, measured: { modelId: 'tiny', speed: { writes: 9 } } });
  await api()['device-engine']();
  expect(measured).toHaveBeenCalledExactlyOnceWith('tiny', { writes: 9 });
});

test('before it is asked for, a file is measured by its first bytes alone', async () => {
  expect(await api()['device-measure']({ url: url() })).toEqual({ bytes: deviceFile.length });
  expect(hub.requests.at(-1)?.range).toBe('bytes=0-3');
  hub.faults.noRanges = true;
  expect(await api()['device-measure']({ url: url() })).toEqual({ bytes: deviceFile.length });
  hub.faults.noLength = true;
  expect(await api()['device-measure']({ url: url() })).toEqual({});
});

test('an address with something else, with nothing, or where nobody answers, is told apart', async () => {
  hub.put('owner/tiny', 'page.gguf', new TextEncoder().encode('<!doctype html>'));
  const measure = (address: string) => api()['device-measure']({ url: address });
  await expect(measure(hub.fileUrl('owner/tiny', 'page.gguf'))).rejects.toMatchObject({ fault: 'malformed' });
  await expect(measure(hub.fileUrl('owner/tiny', 'gone.gguf'))).rejects.toMatchObject({ fault: 'server', status: 404 });
  await hub.close();
  await expect(measure(url())).rejects.toMatchObject({ fault: 'network' });
  hub = await startModelHub();
});

test('a model that is deleted is let go from memory first', async () => {
  const { modelId } = await api()['device-add']({ url: url(), name: 'Tiny' });
  await downloads.download(modelId);
  await api()['device-remove']({ modelId });
  expect(engine.unload).toHaveBeenCalledExactlyOnceWith(modelId);
  expect(await store.list()).toEqual([]);
});

test('the hub is searched without a key', async () => {
  expect(await api()['hub-search']({ query: 'tiny' })).toMatchObject([{ id: 'owner/tiny' }]);
  expect(await api()['hub-files']({ repository: 'owner/tiny' })).toMatchObject([{ name: 'tiny.gguf' }]);
});
