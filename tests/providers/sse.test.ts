import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { feedSse, readSse, type SseEvent } from '../../providers/sse';
import { bytesOf } from './replay';

/** Reads pieces one after the other. */
async function read(pieces: readonly (string | Uint8Array)[]): Promise<SseEvent[]> {
  const chunks = pieces.map((piece) => (typeof piece === 'string' ? bytesOf(piece) : piece));
  const events: SseEvent[] = [];
  for await (const event of readSse(async () => chunks.shift())) events.push(event);
  return events;
}
const data = async (...pieces: readonly (string | Uint8Array)[]): Promise<string[]> =>
  (await read(pieces)).map((event) => event.data);

test.each(['\n', '\r', '\r\n'])('events end at an empty line, whatever ends a line (%j)', async (end) => {
  const text = `data: one${end}${end}: comment${end}event: odd${end}data:two${end}data: more${end}${end}`;
  expect(await read([text])).toEqual([
    { event: undefined, data: 'one', complete: true },
    { event: 'odd', data: 'two\nmore', complete: true },
  ]);
  expect(await read([...text])).toEqual(await read([text]));
});

test('a carriage return and its line feed in two chunks end one line', async () => {
  expect(await data('data: a\r', '\ndata: b\r', '\n\r', '\n')).toEqual(['a\nb']);
});

test('a byte order mark is skipped, also in pieces', async () => {
  expect(await data('\ufeffdata: a\n\n')).toEqual(['a']);
  expect(await data(new Uint8Array([0xef]), new Uint8Array([0xbb]), new Uint8Array([0xbf]), 'data: a\n\n')).toEqual(['a']);
});

test('T82 characters of two to four bytes survive a cut at every byte', async () => {
  const text = 'data: é ß 青 👩‍🔬 e\u0301 🏴󠁧󠁢󠁳󠁣󠁴󠁿\n\n';
  const bytes = bytesOf(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await data(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([text.slice(6, -2)]);
  }
});

test('T82 bytes that are no UTF-8 become replacement characters', async () => {
  expect(await data('data: a', new Uint8Array([0xff, 0xc3]), 'b\n\n')).toEqual(['a\ufffd\ufffdb']);
});

test.each(['data: last', 'data: last\n', 'data: last\r', 'data: last\r\n', 'data: last\n\n'])(
  'the last event is delivered from %j',
  async (text) => {
    expect(await data('data: first\n\n', text)).toEqual(['first', 'last']);
  },
);

test('an event that nothing terminates says that it is not complete', async () => {
  expect(await read(['data: whole\n\ndata: ha'])).toEqual([
    { event: undefined, data: 'whole', complete: true },
    { event: undefined, data: 'ha', complete: false },
  ]);
});

test('a body of nothing, or of comments, has no events', async () => {
  expect(await read([])).toEqual([]);
  expect(await read([': ping\n\n', '\n\n', 'nonsense\n\n', 'retry: soon\n\n'])).toEqual([]);
});

test.each([
  ['one endless line', ['data: ', ...Array.from({ length: 20 }, () => 'x'.repeat(100_000))]],
  ['one endless line at once', [`data: ${'x'.repeat(limits.eventBytes + 1)}\n\n`]],
  ['endless short lines', Array.from({ length: 200_000 }, () => 'data: xxxxx\n')],
])('T84 an event above 1 MiB is too large: %s', async (_, pieces) => {
  const chunks = ['data: before\n\n', ...pieces].map(bytesOf).values();
  const events: string[] = [];
  const reading = (async () => {
    for await (const event of readSse(async () => chunks.next().value)) events.push(event.data);
  })();
  await expect(reading).rejects.toMatchObject({ fault: 'too-large' });
  expect(events).toEqual(['before']);
  if (pieces.length > 1) expect(chunks.next().done, 'the rest is not even read').toBe(false);
});

test.each(['\n', '\r\n'])('a line "error: …" is an event of that name, however it is cut (%j)', async (end) => {
  const text = `data: {"a":1}${end}${end}error: {"code":500}${end}${end}`;
  const expected = [
    { event: undefined, data: '{"a":1}', complete: true },
    { event: 'error', data: '{"code":500}', complete: true },
  ];
  expect(await read([text])).toEqual(expected);
  expect(await read([...text])).toEqual(expected);
  for (let cut = 1; cut < text.length; cut++) expect(await read([text.slice(0, cut), text.slice(cut)])).toEqual(expected);
});

test('the word elsewhere in a line stays text', async () => {
  expect(await data('data: no er', 'ror: here\nid: error: 1\n\n')).toEqual(['no error: here']);
  expect(await data('data: a\nerr', 'oneous: b\n\n')).toEqual(['a']);
  expect(await data('data: a\n\nerr')).toEqual(['a']);
});

test('what is known is skimmed where an event begins, however the stream is cut, and the rest is read as ever', async () => {
  const known = 'data: known\n\n';
  const text = `data: first\n\n${known}${known}data: other\n\n: comment\n\n${known}data: more\ndata: known\n\n${known}data: last`;
  const skim = (rest: string) => {
    let length = 0;
    while (rest.startsWith(known, length)) length += known.length;
    return length;
  };
  for (let cut = 0; cut <= text.length; cut += 1) {
    const pieces = [bytesOf(text.slice(0, cut)), bytesOf(text.slice(cut))];
    const read: string[] = [];
    let skimmed = 0;
    const events = feedSse(
      async () => pieces.shift(),
      (event) => read.push(event.data),
      (rest) => {
        const length = skim(rest);
        skimmed += length / known.length;
        return length;
      },
    );
    for await (const _ of events);
    expect(read.filter((one) => one !== 'known')).toEqual(['first', 'other', 'more\nknown', 'last']);
    expect(skimmed + read.filter((one) => one === 'known').length).toBe(4);
  }
});
