/** Owns the marks by which servers on this computer are told apart, in the order in which they count (backends/local.md 1.3). One entry each. */

import * as v from 'valibot';

/** What was answered to a GET. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** JSON, or text. */
  readonly body: unknown;
}

/** Nothing answered. */
export const noServer: Answered = { status: 0, headers: new Headers(), body: undefined };

export interface ServerMark {
  readonly providerId: string;
  /** What is asked for, beside `/v1/models`. */
  readonly path: string;
  /** @param list the answer to `/v1/models` */
  readonly isIt: (answer: Answered, list: Answered) => boolean;
}

/** A status alone says nothing: LM Studio answers 200 to everything, and KoboldCPP speaks for half a dozen others. */
const fits =
  (schema: v.GenericSchema): ServerMark['isIt'] =>
  ({ status, body }) =>
    status === 200 && v.is(schema, body);

const ownedBy = (list: Answered, owner: string): boolean =>
  v.is(v.object({ data: v.pipe(v.array(v.object({ owned_by: v.literal(owner) })), v.minLength(1)) }), list.body);

export const knownServers: readonly ServerMark[] = [
  {
    providerId: 'tabbyapi',
    path: '/.well-known/serviceinfo',
    isIt: fits(v.object({ software: v.object({ name: v.literal('TabbyAPI') }) })),
  },
  // After TabbyAPI, which calls itself version 1.74 of KoboldCPP for the sake of Kobold clients.
  {
    providerId: 'koboldcpp',
    path: '/api/extra/version',
    isIt: fits(v.object({ result: v.literal('KoboldCpp') })),
  },
  // After KoboldCPP, which answers to these questions too.
  {
    providerId: 'koboldai',
    path: '/api/v1/info/version',
    isIt: fits(v.object({ result: v.pipe(v.string(), v.regex(/^1\.\d+\.\d+$/)) })),
  },
  {
    providerId: 'text-generation-webui-legacy',
    path: '/api/v1/model',
    isIt: fits(v.strictObject({ result: v.string() })),
  },
  {
    providerId: 'ollama',
    path: '/api/version',
    isIt: fits(v.strictObject({ version: v.string() })),
  },
  {
    providerId: 'text-generation-webui',
    path: '/v1/internal/model/info',
    isIt: fits(v.object({ model_name: v.string(), lora_names: v.array(v.unknown()) })),
  },
  {
    providerId: 'llama-cpp',
    path: '/props',
    // With a key `/props` is closed; the list and the name in its head are not.
    isIt: (props, list) => list.headers.get('server') === 'llama.cpp' || fits(llamaProps)(props, list),
  },
  {
    providerId: 'lm-studio',
    path: '/api/v0/models',
    isIt: ({ status, body, headers }) =>
      status === 200 &&
      headers.get('x-powered-by') === 'Express' &&
      v.is(v.object({ data: v.array(v.object({ state: v.string() })) }), body),
  },
  {
    providerId: 'localai',
    path: '/.well-known/localai.json',
    isIt: fits(v.looseObject({ version: v.string() })),
  },
  {
    providerId: 'vllm',
    path: '/version',
    isIt: (answer, list) =>
      ownedBy(list, 'vllm') || (list.status === 401 && fits(v.strictObject({ version: v.string() }))(answer, list)),
  },
  {
    providerId: 'jan',
    path: '/v1/models',
    // Nobody else says it in plain text.
    isIt: ({ status, body }) =>
      status === 401 && typeof body === 'string' && body.includes('Invalid or missing authorization token'),
  },
];

const llamaProps = v.object({
  default_generation_settings: v.object({ n_ctx: v.number() }),
  total_slots: v.number(),
  build_info: v.string(),
});
