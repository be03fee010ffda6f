import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDownloads, type Downloads } from '../../background/downloads';
import { createEgress } from '../../background/egress';
import { createSpeedNotes } from '../../ondevice/speed';
import type { DeviceModel } from '../../protocol/engine';
import { type ModelHubServer, sha256Of, startModelHub } from '../support/servers/model-hub';
import { createStore, deviceFile, deviceModel, devicePartFiles, partName, type TestStore } from './support/device';
import { createHolds } from './support/keep-alive';
import { noSocket } from './support/sockets';

let hub: ModelHubServer;
let store: TestStore;
let holds: ReturnType<typeof createHolds>;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let downloads: Downloads;
let model: DeviceModel;
let estimate: StorageEstimate;
let waited: number[];
let onWait: () => void;

const create = (shelf: readonly DeviceModel[] = [model]) =>
  createDownloads({
    shelf,
    store,
    // Over real sockets, by the egress that the product has.
    egress: createEgress({ fetch, openSocket: noSocket, vault: { open: async () => undefined } }),
    keepAlive: holds,
    estimate: async () => estimate,
    wait: async (ms) => {
      waited.push(ms);
      onWait();
    },
    onChange,
  });

beforeEach(async () => {
  hub = await startModelHub();
  hub.put('tiny/tiny', 'tiny.gguf', deviceFile);
  model = { ...deviceModel, url: hub.fileUrl('tiny/tiny', 'tiny.gguf') };
  store = createStore();
  holds = createHolds();
  estimate = { quota: 1e9, usage: 0 };
  waited = [];
  onWait = () => undefined;
  onChange = vi.fn();
  downloads = create();
});
afterEach(() => hub.close());

const state = async (of = downloads) => (await of.views())[0]?.state;
const ranges = () => hub.requests.filter(({ path }) => path.startsWith('/cdn/')).map(({ range }) => range);
const received = async () => {
  const now = await state();
  return now?.type === 'downloading' ? now.receivedBytes : 0;
};
const third = Math.floor(deviceFile.length * 0.3);

test('a model is absent, then downloaded through the hub’s redirect, then ready', async () => {
  expect(await state()).toEqual({ type: 'absent' });
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(await store.open('tiny')).toMatchObject({ size: deviceFile.length });
  expect(hub.requests.map(({ path }) => path)).toEqual(['/tiny/tiny/resolve/main/tiny.gguf', '/cdn/tiny/tiny/tiny.gguf']);
});

test('cut at 30 %, it goes on by itself where it was: the server is asked for the rest of the same version alone', async () => {
  hub.faults.cutAfter = third;
  onWait = () => {
    hub.faults.cutAfter = undefined;
  };
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(ranges()).toEqual([undefined, `bytes=${third}-`]);
  expect(hub.requests.at(-1)?.ifRange).toBe(`"${deviceModel.sha256}"`);
  expect(waited).toEqual([1000]);
});

test('a network that stays away is tried five times with longer and longer pauses, and then it is the person’s turn', async () => {
  hub.faults.cutAfter = third;
  onWait = () => {
    hub.faults.status = 503;
  };
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'server', status: 503 });
  expect(waited).toEqual([1000, 2000, 4000, 8000]);
  expect(await state()).toMatchObject({ type: 'failed', receivedBytes: third });
  hub.faults.status = undefined;
  hub.faults.cutAfter = undefined;
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(ranges().at(-1)).toBe(`bytes=${third}-`);
});

test('paused, it keeps what is here, and a background that starts anew goes on from there', async () => {
  hub.faults.stallAfter = third;
  const done = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(third));
  expect(holds.count).toBe(1);
  downloads.pause('tiny');
  await expect(done).rejects.toMatchObject({ code: 'aborted' });
  expect(await state()).toEqual({ type: 'paused', receivedBytes: third });
  expect(holds.count).toBe(0);

  hub.faults.stallAfter = undefined;
  const next = create();
  expect(await state(next)).toEqual({ type: 'paused', receivedBytes: third });
  await next.download('tiny');
  expect(await state(next)).toEqual({ type: 'ready' });
  expect(ranges()).toEqual([undefined, `bytes=${third}-`]);
});

test.each<[string, () => void]>([
  ['knows no ranges', () => Object.assign(hub.faults, { noRanges: true })],
  [
    'has another version by now',
    () => {
      const other = Uint8Array.from(deviceFile);
      other[other.length - 1] = 9;
      hub.put('tiny/tiny', 'tiny.gguf', other);
    },
  ],
])('a server that %s sends all of it, and nothing of the old is mixed in', async (_what, change) => {
  downloads = create([{ ...model, sha256: undefined }]);
  hub.faults.stallAfter = third;
  const done = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(third));
  downloads.pause('tiny');
  await expect(done).rejects.toMatchObject({ code: 'aborted' });
  hub.faults.stallAfter = undefined;
  change();
  await downloads.download('tiny');
  const file = await store.open('tiny');
  expect(file?.size).toBe(deviceFile.length);
  expect(new Uint8Array((await file?.slice(0, -1).arrayBuffer()) ?? new ArrayBuffer())).toEqual(deviceFile.slice(0, -1));
});

test('a damaged file is refused, nothing of it is kept, and the next try starts anew', async () => {
  hub.faults.damage = true;
  await expect(downloads.download('tiny')).rejects.toMatchObject({ code: 'bad-response', fault: 'malformed' });
  expect(await state()).toMatchObject({ type: 'failed', error: { fault: 'malformed' }, receivedBytes: 0 });
  expect(store.directory.files.size).toBe(0);
  hub.faults.damage = false;
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(ranges()).toEqual([undefined, undefined]);
});

test('a file of another length than the shelf says is refused before it comes', async () => {
  downloads = create([{ ...model, bytes: deviceFile.length + 1 }]);
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'malformed', detail: expect.stringMatching(/bytes/) });
  expect(store.directory.files.size).toBe(0);
});

test('where there is no room nobody is asked for the file; where its length is not known before, nothing of it is written', async () => {
  estimate = { quota: 33_000_000, usage: 32_900_000 };
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'no-room', detail: expect.stringContaining('100000') });
  expect(hub.requests).toEqual([]);
  downloads = create([{ ...model, bytes: undefined }]);
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'no-room' });
  expect(store.directory.files.size).toBe(0);
});

test('a disk that fills up meanwhile is a failure with its own words', async () => {
  store.directory.full = true;
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'no-room' });
  expect(await state()).toMatchObject({ type: 'failed', error: { fault: 'no-room' } });
});

test('a server that does not say how long the file is serves as well', async () => {
  hub.faults.noLength = true;
  downloads = create([{ ...model, bytes: undefined, sha256: undefined }]);
  await downloads.download('tiny');
  expect((await downloads.views())[0]?.model).toMatchObject({ bytes: deviceFile.length, sha256: deviceModel.sha256 });
});

test.each([
  [404, { code: 'unavailable', fault: 'server', status: 404 }, []],
  [500, { code: 'unavailable', fault: 'server', status: 500 }, [1000, 2000, 4000, 8000]],
])('a hub that answers %i is a failure that is shown until the next try', async (status, expected, pauses) => {
  hub.faults.status = status;
  await expect(downloads.download('tiny')).rejects.toMatchObject(expected);
  expect(waited).toEqual(pauses);
  expect(await state()).toEqual({ type: 'failed', error: expected, receivedBytes: 0 });
  hub.faults.status = undefined;
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
});

test('a hub that is off is told apart', async () => {
  await hub.close();
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'network' });
});

test('a part that is longer than the file there is thrown away', async () => {
  downloads = create([{ ...model, bytes: undefined, sha256: undefined }]);
  hub.faults.stallAfter = third;
  const done = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(third));
  downloads.pause('tiny');
  await expect(done).rejects.toThrow();
  hub.faults.stallAfter = undefined;
  // Without a mark of the version the server cannot tell that it is another one.
  const record = [...store.directory.files.keys()].find((path) => path.endsWith('model.json')) ?? '';
  const { model: stored } = JSON.parse(new TextDecoder().decode(store.directory.files.get(record)));
  const short = { model: { ...stored, bytes: undefined }, isComplete: false };
  store.directory.files.set(record, new TextEncoder().encode(JSON.stringify(short)));
  hub.put('tiny/tiny', 'tiny.gguf', deviceFile.slice(0, third - 1));
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(await store.open('tiny')).toMatchObject({ size: third - 1 });
});

test('a second download of the same model joins the first', async () => {
  const first = downloads.download('tiny');
  expect(downloads.download('tiny')).toBe(first);
  await first;
  expect(ranges()).toHaveLength(1);
});

test('a removed model is absent, also while it is on its way', async () => {
  await downloads.download('tiny');
  await downloads.remove('tiny');
  expect(await state()).toEqual({ type: 'absent' });
  hub.faults.stallAfter = third;
  const done = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(third));
  await Promise.all([expect(done).rejects.toMatchObject({ code: 'aborted' }), downloads.remove('tiny')]);
  expect(await state()).toEqual({ type: 'absent' });
  expect(store.directory.files.size).toBe(0);
});

test('a model that is not on the shelf is taken up, shown, and known again later by its file', async () => {
  downloads = create([]);
  downloads.add({ ...model, id: 'mine' });
  expect(await state()).toEqual({ type: 'absent' });
  await downloads.download('mine');
  expect((await create([]).views()).map(({ model: { id }, state: { type } }) => [id, type])).toEqual([['mine', 'ready']]);
  await downloads.remove('mine');
  expect(await downloads.views()).toEqual([]);
});

test('a model that nobody knows is not fetched', async () => {
  await expect(downloads.download('https://evil.test/model')).rejects.toMatchObject({
    code: 'invalid-request',
    field: 'modelId',
  });
  await expect(downloads.remove('other')).rejects.toMatchObject({ code: 'invalid-request' });
  expect(() => downloads.pause('other')).not.toThrow();
  expect(hub.requests).toEqual([]);
});

test('what a page of Oriel brought is seen once it says so', async () => {
  expect(await state()).toEqual({ type: 'absent' });
  await store.fill();
  downloads.imported();
  expect(await state()).toEqual({ type: 'ready' });
});

test('progress is told four times a second at most, and the end always', async () => {
  hub.faults.stallAfter = third;
  const done = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(third));
  // However many chunks came, no time went by.
  expect(onChange.mock.calls.length).toBeLessThanOrEqual(2);
  onChange.mockClear();
  downloads.pause('tiny');
  await expect(done).rejects.toThrow();
  expect(onChange).toHaveBeenCalledTimes(1);
});

const big = (): DeviceModel => {
  const parts = devicePartFiles.map((file, index) => {
    hub.put('tiny/big', partName(index), file);
    return { url: hub.fileUrl('tiny/big', partName(index)), bytes: file.length, sha256: sha256Of(file) };
  });
  const { sha256: _none, ...rest } = model;
  return { ...rest, url: parts[0]?.url, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts };
};
const asked = () =>
  hub.requests.filter(({ path }) => path.startsWith('/cdn/')).map(({ path, range }) => [path.split('/').at(-1), range]);

test('a model in several files is fetched one after the other, with one progress, and each is checked', async () => {
  downloads = create([big()]);
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(asked()).toEqual([0, 1, 2].map((index) => [partName(index), undefined]));
  const file = await (await store.open('tiny'))?.arrayBuffer();
  expect(Buffer.from(file ?? new ArrayBuffer(0)).equals(Buffer.concat(devicePartFiles))).toBe(true);
});

test('cut in the second file, it goes on there, and what came before is not asked for again', async () => {
  downloads = create([big()]);
  const [first = deviceFile] = devicePartFiles;
  hub.faults.stallAfter = 29_000;
  const done = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(29_000));
  hub.faults.stallAfter = undefined;
  downloads.pause('tiny');
  await expect(done).rejects.toMatchObject({ code: 'aborted' });
  hub.requests.length = 0;
  hub.faults.stallAfter = 28_000;
  const next = downloads.download('tiny');
  await vi.waitFor(async () => expect(await received()).toBe(first.length + 28_000));
  hub.faults.stallAfter = undefined;
  downloads.pause('tiny');
  await expect(next).rejects.toMatchObject({ code: 'aborted' });
  await downloads.download('tiny');
  expect(asked()).toEqual([
    [partName(0), 'bytes=29000-'],
    [partName(1), undefined],
    [partName(1), 'bytes=28000-'],
    [partName(2), undefined],
  ]);
  expect(hub.requests.find(({ range }) => range === 'bytes=28000-')?.ifRange).toBe(`"${sha256Of(devicePartFiles[1] ?? first)}"`);
  expect(await state()).toEqual({ type: 'ready' });
});

test('a later file of another length is refused, and nothing is kept', async () => {
  downloads = create([big()]);
  hub.put('tiny/big', partName(1), deviceFile);
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'malformed' });
  expect(await state()).toMatchObject({ type: 'failed', receivedBytes: 0 });
});

test('a later file that is another one by now makes all begin anew', async () => {
  const listed = big();
  downloads = create([listed]);
  const [first = deviceFile, second = deviceFile] = devicePartFiles;
  hub.faults.stallAfter = 28_000;
  for (const end of [28_000, first.length + 28_000]) {
    const done = downloads.download('tiny');
    await vi.waitFor(async () => expect(await received()).toBe(end));
    downloads.pause('tiny');
    await expect(done).rejects.toMatchObject({ code: 'aborted' });
  }
  hub.faults.stallAfter = undefined;
  const other = Uint8Array.from(second);
  other[other.length - 1] = 9;
  hub.put('tiny/big', partName(1), other);
  hub.requests.length = 0;
  await expect(downloads.download('tiny')).rejects.toMatchObject({
    fault: 'malformed',
    detail: expect.stringContaining('SHA-256'),
  });
  expect(asked().map(([name]) => name)).toEqual([partName(1), partName(0), partName(1), partName(2)]);
  expect(await store.find('tiny')).toBeUndefined();
});

test('a speed that the engine has noted is shown at once, and one that is known changes nothing', async () => {
  await downloads.download('tiny');
  await downloads.views();
  const speed = { reads: 100, writes: 10 };
  await createSpeedNotes(async () => store.directory.handle)('tiny', {
    ...{ readTokens: 100, readMs: 1_000, writtenTokens: 10, writtenMs: 1_000 },
  });
  onChange.mockClear();
  await downloads.measured('tiny', speed);
  expect(onChange).toHaveBeenCalledTimes(1);
  expect((await downloads.views())[0]?.model.speed).toEqual(speed);
  await downloads.measured('tiny', speed);
  await downloads.measured('tiny', { ...speed });
  expect(onChange).toHaveBeenCalledTimes(1);
});

test('the shelf says what was measured since the download, of the same file alone', async () => {
  const old = { right: 3, of: 30, checked: '2026-01-01' };
  const later = { right: 9, of: 30, checked: '2026-06-01' };
  await create([{ ...model, score: old, mark: 'recommended' }]).download('tiny');
  const shown = async (listed: DeviceModel) => (await create([listed]).views())[0]?.model;
  expect(await shown({ ...model, score: later })).toMatchObject({ score: later, mark: undefined });
  expect((await shown(model))?.score).toBeUndefined();
  expect((await shown({ ...model, sha256: '0'.repeat(64), score: later }))?.score).toEqual(old);
});
