/** A provider whose errors hold no secret: the one place where a backend's words enter Oriel. Whatever records or shows them comes after. */

import { AiError } from '../protocol/errors';
import type { Provider } from '../providers/provider';
import type { Redactor } from './redact';

export function cleanProvider(provider: Provider, redactor: Redactor): Provider {
  const ask = async <Value>(question: () => Promise<Value>): Promise<Value> => {
    const clean = redactor.watch();
    try {
      return await question();
    } catch (error) {
      throw error instanceof AiError ? clean(error) : error;
    }
  };
  const { status, cancel, embed } = provider;
  return {
    models: (signal) => ask(() => provider.models(signal)),
    ...(status && { status: (signal) => ask(() => status(signal)) }),
    ...(embed && { embed: (request, signal) => ask(() => embed(request, signal)) }),
    ...(cancel && { cancel: (jobId, signal) => ask(() => cancel(jobId, signal)) }),
    async *generate(request, signal, job) {
      const clean = redactor.watch();
      try {
        yield* provider.generate(request, signal, job);
      } catch (error) {
        throw error instanceof AiError ? clean(error) : error;
      }
    },
  };
}
