import { expect, test } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { repeatOutputs } from '../../providers/repeat-outputs';
import { ask, collect } from './replay';

test('what the backend is doing belongs to no answer: progress is not numbered', async () => {
  async function* one(): AsyncGenerator<StreamPart> {
    yield { type: 'start', model: 'm', warnings: [] };
    yield { type: 'progress', stage: 'processing' };
    yield { type: 'text-delta', text: 'x' };
    yield { type: 'finish', reason: 'stop' };
  }
  const { parts } = await collect(repeatOutputs(one, ask('Hi', { outputs: 2 }), new AbortController().signal));
  expect(parts).toEqual([
    { type: 'start', model: 'm', warnings: [] },
    { type: 'progress', stage: 'processing' },
    { type: 'text-delta', text: 'x' },
    { type: 'progress', stage: 'processing' },
    { type: 'text-delta', text: 'x', output: 1 },
    { type: 'finish', reason: 'stop' },
    { type: 'finish', reason: 'stop', output: 1 },
  ]);
});
