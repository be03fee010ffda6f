/**
 * As much of AI SDK's language model specification, version 3, as Oriel's provider takes and gives. Of our own, so that the package depends on
 * nothing; tests/client/ai-sdk.test-d.ts holds it against the real one.
 */

export interface ModelMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly PromptPart[];
}

export type PromptPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'file'; readonly mediaType: string; readonly data: Uint8Array | string | URL }
  | { readonly type: 'tool-call'; readonly toolCallId: string; readonly toolName: string; readonly input: unknown }
  | { readonly type: 'tool-result'; readonly toolCallId: string; readonly toolName: string; readonly output: ToolOutput }
  | { readonly type: 'tool-approval-response'; readonly approvalId: string; readonly approved: boolean };

export type ToolOutput =
  | { readonly type: 'text' | 'error-text'; readonly value: string }
  | { readonly type: 'json' | 'error-json'; readonly value: unknown }
  | { readonly type: 'execution-denied'; readonly reason?: string }
  | { readonly type: 'content'; readonly value: readonly { readonly type: string }[] };

export type ModelTool =
  | { readonly type: 'function'; readonly name: string; readonly description?: string; readonly inputSchema: object }
  | { readonly type: 'provider'; readonly id: string; readonly name: string };

export interface CallOptions {
  readonly prompt: readonly ModelMessage[];
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  readonly topP?: number;
  readonly topK?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly responseFormat?:
    | { readonly type: 'text' }
    | { readonly type: 'json'; readonly schema?: object; readonly name?: string };
  readonly seed?: number;
  readonly tools?: readonly ModelTool[];
  readonly toolChoice?: { readonly type: 'auto' | 'none' | 'required' } | { readonly type: 'tool'; readonly toolName: string };
  readonly includeRawChunks?: boolean;
  readonly abortSignal?: AbortSignal;
}

export type CallWarning = { type: 'unsupported'; feature: string; details?: string } | { type: 'other'; message: string };

export interface ModelUsage {
  inputTokens: {
    total: number | undefined;
    noCache: number | undefined;
    cacheRead: number | undefined;
    cacheWrite: number | undefined;
  };
  outputTokens: { total: number | undefined; text: number | undefined; reasoning: number | undefined };
}

export interface ModelFinish {
  unified: 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other';
  raw: string | undefined;
}

export type ModelContent =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool-call'; toolCallId: string; toolName: string; input: string };

export type ModelStreamPart =
  | { type: 'stream-start'; warnings: CallWarning[] }
  | { type: 'response-metadata'; modelId: string }
  | { type: 'text-start' | 'text-end' | 'reasoning-start' | 'reasoning-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta'; id: string; delta: string }
  | { type: 'tool-input-start'; id: string; toolName: string }
  | { type: 'tool-input-delta'; id: string; delta: string }
  | { type: 'tool-input-end'; id: string }
  | { type: 'tool-call'; toolCallId: string; toolName: string; input: string }
  | { type: 'finish'; usage: ModelUsage; finishReason: ModelFinish }
  | { type: 'error'; error: unknown };

export interface OrielLanguageModel {
  readonly specificationVersion: 'v3';
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]>;
  doGenerate(options: CallOptions): Promise<{
    content: ModelContent[];
    finishReason: ModelFinish;
    usage: ModelUsage;
    warnings: CallWarning[];
    response: { modelId: string };
  }>;
  doStream(options: CallOptions): Promise<{ stream: ReadableStream<ModelStreamPart> }>;
}
