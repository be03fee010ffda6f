import { expect, test } from 'vitest';
import { partsOf } from '../../protocol/model-parts';

test('the name of one part tells those of all, and that of the whole', () => {
  const names = ['big-00001-of-00003.gguf', 'big-00002-of-00003.gguf', 'big-00003-of-00003.gguf'];
  for (const name of names) expect(partsOf(name)).toEqual({ whole: 'big.gguf', names });
});

test.each(['big.gguf', 'big-00001-of-00001.gguf', 'big-00003-of-00002.gguf', 'big-00001-of-99999.gguf', 'big-1-of-2.gguf'])(
  '%s is no part of several',
  (name) => {
    expect(partsOf(name)).toBeUndefined();
  },
);
