/** Runs in a page: the official `openai` package and the AI SDK, unmodified, with Oriel in place of a server. Bundled by the test that opens it. */

import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, type JSONSchema7, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import OpenAI, { APIError } from 'openai';

const { fetch, baseURL } = (window as unknown as { ai: { fetch: typeof globalThis.fetch; baseURL: string } }).ai;

const client = new OpenAI({ fetch, baseURL, apiKey: 'unused', dangerouslyAllowBrowser: true });
const provider = createOpenAICompatible({
  name: 'oriel',
  baseURL,
  fetch,
  apiKey: 'unused',
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const model = 'gpt-4o-mini';
const messages = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: 'user', content }];
const schema: JSONSchema7 & Record<string, unknown> = {
  type: 'object',
  properties: { city: { type: 'string' }, people: { type: 'integer' } },
  required: ['city', 'people'],
  additionalProperties: false,
};
const weather: JSONSchema7 & Record<string, unknown> = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** Everything that is pulled of a stream, and how many pieces it came in. */
async function drain(pieces: AsyncIterable<string>) {
  let text = '';
  let count = 0;
  for await (const piece of pieces) {
    text += piece;
    count += piece === '' ? 0 : 1;
  }
  return { text, count };
}

async function* textsOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  for await (const { choices } of stream) yield choices[0]?.delta.content ?? '';
}

const openai = {
  async chat(content: string) {
    const { choices, usage, ...answer } = await client.chat.completions.create({ model, messages: messages(content) });
    return { text: choices[0]?.message.content, finish: choices[0]?.finish_reason, model: answer.model, hasUsage: usage != null };
  },
  async stream(content: string) {
    return drain(textsOf(await client.chat.completions.create({ model, messages: messages(content), stream: true })));
  },
  /** The model calls, the page answers, the model goes on. */
  async tools(content: string) {
    const tools: OpenAI.ChatCompletionTool[] = [
      { type: 'function', function: { name: 'weather', description: 'The weather of a city', parameters: weather } },
    ];
    const first = await client.chat.completions.create({ model, messages: messages(content), tools });
    const message = first.choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (!message || call?.type !== 'function') return { finish: first.choices[0]?.finish_reason };
    const result: OpenAI.ChatCompletionMessageParam = { role: 'tool', tool_call_id: call.id, content: 'sunny' };
    const second = await client.chat.completions.create({ model, messages: [...messages(content), message, result], tools });
    return {
      finish: first.choices[0]?.finish_reason,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
      text: second.choices[0]?.message.content,
    };
  },
  async schema(content: string) {
    const answer = await client.chat.completions.parse({
      model,
      messages: messages(content),
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    });
    return JSON.parse(answer.choices[0]?.message.content ?? '');
  },
  /** Stops after the first words. */
  async abort(content: string) {
    const controller = new AbortController();
    try {
      const options = { signal: controller.signal };
      const stream = await client.chat.completions.create({ model, messages: messages(content), stream: true }, options);
      for await (const text of textsOf(stream)) if (text !== '') controller.abort();
      return { ended: 'quietly' };
    } catch (error) {
      return { ended: (error as Error).name };
    }
  },
  /** Before the first word. */
  async abortEarly(content: string, milliseconds: number) {
    const signal = AbortSignal.timeout(milliseconds);
    return client.chat.completions.create({ model, messages: messages(content) }, { signal }).then(
      () => 'answered',
      (error: Error) => error.constructor.name,
    );
  },
  async error(content: string) {
    let requests = 0;
    const counting: typeof fetch = (input, init) => {
      requests += 1;
      return fetch(input, init);
    };
    const counted = new OpenAI({ fetch: counting, baseURL, apiKey: 'unused', dangerouslyAllowBrowser: true });
    try {
      await counted.chat.completions.create({ model, messages: messages(content) });
      return { requests };
    } catch (error) {
      const { status, code, name } = error instanceof APIError ? error : { status: 0, code: String(error), name: '' };
      return { status, code, name, requests };
    }
  },
  async responses(input: string) {
    const { output_text, status } = await client.responses.create({ model, input });
    return { text: output_text, status };
  },
  async responsesStream(input: string) {
    const types = new Set<string>();
    let text = '';
    for await (const event of await client.responses.create({ model, input, stream: true })) {
      types.add(event.type);
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    return { text, last: [...types].at(-1) };
  },
  async completion(prompt: string) {
    return (await client.completions.create({ model, prompt })).choices[0]?.text;
  },
  async models() {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    return ids;
  },
  async embeddings(input: string[]) {
    const { data } = await client.embeddings.create({ model: 'text-embedding-3-small', input });
    return data.map(({ embedding }) => [...embedding].map((value) => Math.round(value * 1000) / 1000));
  },
};

const aiSdk = {
  async chat(prompt: string) {
    const { text, finishReason } = await generateText({ model: provider(model), prompt });
    return { text, finish: finishReason };
  },
  async stream(prompt: string) {
    return drain(streamText({ model: provider(model), prompt }).textStream);
  },
  async tools(prompt: string) {
    const asked: unknown[] = [];
    const tools = {
      weather: tool({
        description: 'The weather of a city',
        inputSchema: jsonSchema<{ city: string }>(weather),
        execute: async (input) => {
          asked.push(input);
          return 'sunny';
        },
      }),
    };
    const { text, steps } = await generateText({ model: provider(model), prompt, tools, stopWhen: stepCountIs(2) });
    return { text, asked, steps: steps.length };
  },
  async schema(prompt: string) {
    const output = Output.object({ schema: jsonSchema<{ city: string; people: number }>(schema) });
    return (await generateText({ model: provider(model), prompt, output })).output;
  },
  async abort(prompt: string) {
    const controller = new AbortController();
    const types: string[] = [];
    const { fullStream } = streamText({ model: provider(model), prompt, abortSignal: controller.signal });
    for await (const { type } of fullStream) {
      types.push(type);
      if (type === 'text-delta') controller.abort();
    }
    return { ended: types.at(-1) };
  },
  async error(prompt: string) {
    try {
      await generateText({ model: provider(model), prompt });
      return { status: 200 };
    } catch (error) {
      return APICallError.isInstance(error)
        ? { status: error.statusCode, isRetryable: error.isRetryable }
        : { status: String(error) };
    }
  },
};

Object.assign(window, { sdk: { openai, aiSdk } });
