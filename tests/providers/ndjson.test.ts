import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { readNdjson } from '../../providers/ndjson';
import { bytesOf } from './replay';

const read = async (...chunks: (string | Uint8Array)[]) => {
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? bytesOf(chunk) : chunk));
  const lines: unknown[] = [];
  for await (const line of readNdjson(async () => bytes.shift())) lines.push(line);
  return lines;
};

test('each line is a document; blank ones and carriage returns do not count', async () => {
  expect(await read('{"a":1}\n\n{"b":2}\r\n')).toEqual([{ a: 1 }, { b: 2 }]);
});

test('a last line that nothing ends counts where it is whole, and is an interruption where it is not', async () => {
  expect(await read('{"a":1}\n{"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
  await expect(read('{"a":1}\n{"b":')).rejects.toMatchObject({ fault: 'interrupted' });
});

test('a broken line in the middle is nonsense', async () => {
  await expect(read('{"a"\n{"b":2}\n')).rejects.toMatchObject({ fault: 'malformed' });
});

test('T82 characters that are cut in the middle are put together', async () => {
  const bytes = bytesOf('{"a":"🌊 fließt"}\n');
  for (let cut = 1; cut < bytes.length; cut += 1)
    expect(await read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ a: '🌊 fließt' }]);
});

test('T84 an endless line is given up at its bound', async () => {
  const piece = 'x'.repeat(limits.eventBytes / 4);
  await expect(read(`{"a":"`, piece, piece, piece, piece)).rejects.toMatchObject({ fault: 'too-large' });
});
