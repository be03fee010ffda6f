/**
 * Owns the entries of vendors' model lists that differ from those of OpenAI and OpenRouter: each is rewritten into that shape, which
 * models.ts reads and checks. What a vendor does not tell stays away. Shapes as of November 2026 (backends/cloud.md 7, backends/local.md 7).
 */

type Item = Readonly<Record<string, unknown>>;
type Rewrite = (item: Item) => Item | undefined;

const isItem = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value);
const inside = (value: unknown): Item => (isItem(value) ? value : {});
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const amount = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);
const scaled = (value: unknown, factor: number): number | undefined => {
  const known = amount(value);
  return known === undefined ? undefined : known * factor;
};
const greatest = (values: readonly unknown[]): number | undefined => {
  const known = values.map(amount).filter((value) => value !== undefined);
  return known.length > 0 && known.length === values.length ? Math.max(...known) : undefined;
};
/** Names of OpenRouter's `supported_parameters` for what is true. */
const parameters = (flags: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(flags).filter((name) => flags[name] === true);
const inputs = (hasImages: unknown): Item => ({ input_modalities: hasImages === true ? ['text', 'image'] : ['text'] });

const shapes = {
  /** `GET /v1/models?endpoint=chat` of its own API. */
  cohere: ({ name, context_length, is_deprecated }) => (is_deprecated === true ? undefined : { id: name, context_length }),

  fireworks: ({ name, displayName, contextLength, supportsTools, supportsImageInput }) => ({
    id: name,
    name: displayName,
    context_length: contextLength,
    architecture: inputs(supportsImageInput),
    supported_parameters: parameters({ tools: supportsTools }),
  }),

  /** Which provider answers is decided anew for each request: the greatest context, and the dearest price. */
  'hugging-face': (item) => {
    const live = listIn(item.providers)
      .map(inside)
      .filter(({ status }) => status === 'live');
    const contexts = live.map(({ context_length }) => context_length).filter((value) => value !== undefined);
    const prices = live.map(({ pricing }) => inside(pricing));
    if (live.length === 0) return undefined;
    return {
      id: item.id,
      architecture: item.architecture,
      context_length: greatest(contexts),
      usd_per_million: {
        input: greatest(prices.map(({ input }) => input)),
        output: greatest(prices.map(({ output }) => output)),
      },
      supported_parameters: parameters({
        tools: live.some(({ supports_tools }) => supports_tools === true),
        structured_outputs: live.some(({ supports_structured_output }) => supports_structured_output === true),
      }),
    };
  },

  /** `GET /model/info`; its plain list, where that is not allowed, stays as it is. */
  litellm: (item) => {
    if (typeof item.model_name !== 'string') return item;
    const info = inside(item.model_info);
    return {
      id: item.model_name,
      context_length: info.max_input_tokens,
      max_output_tokens: info.max_output_tokens,
      usd_per_million: { input: scaled(info.input_cost_per_token, 1e6), output: scaled(info.output_cost_per_token, 1e6) },
      ...(typeof info.supports_vision === 'boolean' && { architecture: inputs(info.supports_vision) }),
      ...(typeof info.supports_function_calling === 'boolean' && {
        supported_parameters: parameters({ tools: info.supports_function_calling }),
      }),
    };
  },

  /** `GET /api/v0/models`: `max_context_length` is what could be loaded, not what is. */
  'lm-studio': (item) => ({
    ...item,
    ...(item.type === 'vlm' && { architecture: inputs(true) }),
    ...(item.type === 'llm' && { architecture: inputs(false) }),
  }),

  /** `GET /v1/models/capabilities`. */
  localai: (item) => ({
    ...item,
    architecture: { input_modalities: item.input_modalities, output_modalities: item.output_modalities },
  }),

  /** Its prices are credits, which are no money; but no credits are none. */
  mancer: ({ id, name, limits, pricing }) => ({
    id,
    name,
    context_length: inside(limits).context,
    max_output_tokens: inside(limits).completion,
    ...(inside(pricing).prompt === 0 && inside(pricing).completion === 0 && { usd_per_million: { input: 0, output: 0 } }),
  }),

  mistral: ({ id, name, max_context_length, capabilities }) => {
    const { completion_chat, function_calling, vision, reasoning } = inside(capabilities);
    if (completion_chat === false) return undefined;
    return {
      id,
      name,
      context_length: max_context_length,
      architecture: inputs(vision),
      supported_parameters: parameters({ tools: function_calling, structured_outputs: true, reasoning }),
    };
  },

  together: (item) => {
    if (item.type !== 'chat') return undefined;
    const { input, output, cached_input } = inside(item.pricing);
    // Zero stands there also for models that run on rented machines only, and would pass as free of charge.
    const isTold = amount(input) !== 0 || amount(output) !== 0;
    return {
      id: item.id,
      name: item.display_name,
      context_length: item.context_length,
      ...(isTold && { usd_per_million: { input, output, cached: cached_input || undefined } }),
    };
  },

  vercel: ({ id, name, type, context_window, max_tokens, pricing, tags }) => {
    if (type !== 'language') return undefined;
    const { input, output, input_cache_read, input_cache_write } = inside(pricing);
    return {
      id,
      name,
      context_window,
      max_output_tokens: max_tokens,
      ...(Array.isArray(tags) && {
        architecture: inputs(tags.includes('vision')),
        supported_parameters: parameters({ tools: tags.includes('tool-use'), reasoning: tags.includes('reasoning') }),
      }),
      pricing: { prompt: input, completion: output, input_cache_read, input_cache_write },
    };
  },

  /** `GET /v1/language-models`: US cents for 100 million tokens. */
  xai: (item) => ({
    id: item.id,
    architecture: { input_modalities: item.input_modalities, output_modalities: item.output_modalities },
    usd_per_million: {
      input: scaled(item.prompt_text_token_price, 1e-4),
      output: scaled(item.completion_text_token_price, 1e-4),
      cached: scaled(item.cached_prompt_text_token_price, 1e-4),
    },
  }),
} as const satisfies Readonly<Record<string, Rewrite>>;

export type ListShape = keyof typeof shapes;

/** The entries of a list in the common shape; those that are no chat models are left out, and of several names of one model all but the first. */
export function inCommonShape(items: readonly unknown[], shape: ListShape | undefined): readonly unknown[] {
  if (shape === undefined) return items;
  const named = new Set<unknown>();
  return items.filter(isItem).flatMap((item) => {
    if (named.has(item.id) && item.id !== undefined) return [];
    for (const alias of listIn(item.aliases)) named.add(alias);
    const rewritten: Item | undefined = shapes[shape](item);
    return rewritten === undefined ? [] : [rewritten];
  });
}
