/** Serves the calls of the background: the same where they come over a port and where the engine lies beside it. */

import type { DeviceEngine, EngineCall } from '../protocol/engine';

/** What a call resolves to. A generation has parts instead, and is streamed. @throws AiError */
export async function answerCall(
  engine: DeviceEngine,
  call: Exclude<EngineCall, { type: 'generate' }>,
  signal: AbortSignal,
): Promise<unknown> {
  if (call.type === 'embed') return engine.embed(call, signal);
  return call.type === 'status' ? engine.status() : engine.unload(call.modelId);
}
