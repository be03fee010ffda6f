/** Where the build puts the engine's files in the extension, and where the engine looks for them. */
export const enginePaths = {
  wasm: '/engine/wllama.wasm',
  worker: '/engine/worker.js',
  thread: '/engine/thread.js',
} as const;
