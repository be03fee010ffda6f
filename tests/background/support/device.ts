/** A model for this device, and a store of model files in memory. */
import type { DeviceModel, ModelStore } from '../../../protocol/engine';

export const deviceModel: DeviceModel = {
  id: 'tiny',
  name: 'Tiny',
  url: 'https://hub.test/tiny.gguf',
  sha256: '00',
  bytes: 6,
  contextTokens: 512,
  licence: 'MIT',
};

export function createStore(): ModelStore & { readonly files: Map<string, number> } {
  const files = new Map<string, number>();
  return {
    files,
    has: async ({ id }) => files.has(id),
    async write({ id }, body, onProgress, signal) {
      let received = 0;
      const reader = body.getReader();
      while (true) {
        signal.throwIfAborted();
        const { done, value } = await reader.read();
        if (done) break;
        received += value.length;
        onProgress(received);
      }
      files.set(id, received);
    },
    remove: async ({ id }) => void files.delete(id),
  };
}
