/** Owns what each Claude model takes and refuses. Dated data: reviewed November 2026 (Anthropic's model overview and API reference). */

export interface ClaudeRules {
  /** `one`: temperature or top_p, not both. `none`: whatever is sent but the default is a 400. */
  readonly samplers: 'all' | 'one' | 'none';
  /** `budget`: so many tokens of it. `adaptive`: by effort, can be turned off. `always`: by effort, cannot. */
  readonly thinking: 'none' | 'budget' | 'adaptive' | 'always';
  /** Temperature and its like may be set while it thinks. */
  readonly mixesThinking: boolean;
  /** `tool_choice` may name a tool or ask for any. */
  readonly forcesTools: boolean;
  /** The chat may end with the beginning of the answer. */
  readonly takesPrefill: boolean;
  /** `output_config.format`; without it a schema is the input of one forced tool. */
  readonly hasSchemas: boolean;
  readonly maxOutputTokens: number;
}

const old: ClaudeRules = {
  samplers: 'all',
  thinking: 'none',
  mixesThinking: false,
  forcesTools: true,
  takesPrefill: true,
  hasSchemas: false,
  maxOutputTokens: 4096,
};
const claude4: ClaudeRules = { ...old, thinking: 'budget', maxOutputTokens: 64_000 };
const claude45: ClaudeRules = { ...claude4, samplers: 'one', hasSchemas: true };
const claude46: ClaudeRules = { ...claude45, thinking: 'adaptive', takesPrefill: false, maxOutputTokens: 128_000 };
/** What is not known is taken for the strictest of what is. */
const strict: ClaudeRules = { ...claude46, samplers: 'none' };
const always: ClaudeRules = { ...strict, thinking: 'always' };

/** By what an id contains. A name is not found in that of a later version: `opus-4` is in `opus-4-20250514`, not in `opus-4-9`. */
const families: readonly (readonly [string, ClaudeRules])[] = [
  ['claude-instant', old],
  ['claude-2', old],
  ['claude-2-1', old],
  ['claude-3-haiku', old],
  ['claude-3-sonnet', old],
  ['claude-3-opus', old],
  ['claude-3-5-haiku', { ...old, maxOutputTokens: 8192 }],
  ['claude-3-5-sonnet', { ...old, maxOutputTokens: 8192 }],
  ['claude-3-7-sonnet', claude4],
  ['opus-4', { ...claude4, maxOutputTokens: 32_000 }],
  ['opus-4-0', { ...claude4, maxOutputTokens: 32_000 }],
  ['sonnet-4', claude4],
  ['sonnet-4-0', claude4],
  ['opus-4-1', { ...claude45, maxOutputTokens: 32_000 }],
  ['opus-4-5', claude45],
  ['sonnet-4-5', claude45],
  ['haiku-4-5', claude45],
  ['opus-4-6', claude46],
  ['sonnet-4-6', claude46],
  ['opus-4-7', strict],
  ['opus-4-8', strict],
  ['sonnet-5', strict],
  ['opus-5', strict],
  ['haiku-5-5', strict],
  ['fable-5', always],
  ['fable-5-1', { ...always, forcesTools: false }],
  ['fable-5-2', { ...always, forcesTools: false }],
  ['sonnet-5-5', { ...always, forcesTools: false }],
  ['opus-5-5', { ...always, forcesTools: false }],
];

/** A model of somebody else's behind the same API: it takes what the API had from the beginning, and knows its own limits. */
const foreign: ClaudeRules = { ...claude4, mixesThinking: true, maxOutputTokens: Number.POSITIVE_INFINITY };

/** @param isOwnServer a server of the person's own, where a model that is not called Claude is none */
export function rulesOf(model: string, isOwnServer: boolean): ClaudeRules {
  const id = model.toLowerCase().replaceAll('.', '-');
  if (isOwnServer && !id.includes('claude')) return foreign;
  return families.find(([name]) => isOf(name, id))?.[1] ?? strict;
}

/** The name is in the id, and no further version number follows: one or two digits, where a date has more. */
const isOf = (name: string, id: string): boolean => new RegExp(`${name}(?!\\d|-\\d{1,2}(?!\\d))`).test(id);
