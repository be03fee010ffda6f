/** Owns the body of a Gemini request: what the model takes, what is left out with a warning, what is done on our side instead, what is refused. */

import { backendError } from '../../protocol/errors';
import type { GenerateRequest, ReasoningEffort, Warning } from '../../protocol/generate';
import { type SamplerNames, toWireSamplers, unlessNeutral } from '../samplers';
import { toContents } from './gemini-contents';
import { type GeminiRules, rulesOf } from './gemini-rules';

export interface GeminiRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  /** Stop sequences to cut at on our side; empty where the backend does it. */
  readonly cutStops: readonly string[];
}

const mostStops = 5;

/**
 * The body of `POST {base}/models/{model}:streamGenerateContent` (Gemini API reference, Generating content).
 * @throws AiError fault `not-supported` for what this model refuses and what cannot be left out without changing the meaning
 */
export function buildGeminiRequest(request: GenerateRequest): GeminiRequest {
  const { messages, tools = [], responseFormat, stop = [], maxOutputTokens } = request;
  const rules = rulesOf(request.model ?? '');
  const { system, turns, isPrefilled } = toContents(messages, rules.takesSystem, rules.signsCalls);
  if (isPrefilled && !rules.takesPrefill)
    throw backendError('not-supported', 'This model does not continue an answer that was begun for it.', { field: 'messages' });
  const schema = responseFormat?.type === 'json-schema' ? responseFormat.schema : undefined;
  if (schema !== undefined && tools.length > 0 && !rules.takesSchemaWithTools)
    throw backendError('not-supported', 'This model takes a schema or tools, not both.', { field: 'responseFormat' });
  const samplers = toWireSamplers({ ...request, topK: unlessNeutral('topK', request) }, namesFor(rules));
  const thought = thoughtOf(request.reasoningEffort, rules.thinking);
  const config = {
    ...samplers.fields,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(stop.length > 0 && { stopSequences: stop.slice(0, mostStops) }),
    ...(thought.config && { thinkingConfig: thought.config }),
    ...(schema && { responseMimeType: 'application/json', responseJsonSchema: withoutConst(schema) }),
  };
  return {
    body: {
      ...(system !== undefined && { systemInstruction: { parts: [{ text: system }] } }),
      contents: turns,
      ...(Object.keys(config).length > 0 && { generationConfig: config }),
      ...toolFields(request),
    },
    warnings: thought.isLost
      ? [...samplers.warnings, { type: 'parameter-dropped', parameter: 'reasoningEffort' }]
      : samplers.warnings,
    cutStops: stop.length > mostStops ? stop : [],
  };
}

const namesFor = ({ takesSamplers, takesPenalties }: GeminiRules): SamplerNames => ({
  ...(takesSamplers && { temperature: 'temperature', topP: 'topP', topK: 'topK' }),
  ...(takesPenalties && { presencePenalty: 'presencePenalty', frequencyPenalty: 'frequencyPenalty' }),
  seed: 'seed',
});

interface Thought {
  readonly config?: object;
  /** The model cannot do what was asked; the nearest thing is sent. */
  readonly isLost: boolean;
}

const budgets: Readonly<Record<ReasoningEffort, number>> = { none: 0, minimal: 512, low: 2048, medium: 8192, high: 32_768 };

/** A budget or a level, never both. Thoughts are sent where thinking was asked for. */
function thoughtOf(effort: ReasoningEffort | undefined, thinking: GeminiRules['thinking']): Thought {
  if (effort === undefined) return { isLost: false };
  const thoughts = effort === 'none' ? {} : { includeThoughts: true };
  switch (thinking.type) {
    case 'none':
      return { isLost: effort !== 'none' };
    case 'budget': {
      const thinkingBudget = Math.max(thinking.least, Math.min(thinking.most, budgets[effort]));
      return { config: { thinkingBudget, ...thoughts }, isLost: effort === 'none' && thinking.least > 0 };
    }
    case 'level': {
      const thinkingLevel = effort === 'none' || effort === 'minimal' ? thinking.least : effort.toUpperCase();
      return { config: { thinkingLevel, ...thoughts }, isLost: effort === 'none' };
    }
  }
}

function toolFields({ tools = [], toolChoice }: GenerateRequest): object {
  if (tools.length === 0) return {};
  const functionDeclarations = tools.map(({ name, description, parameters }) => ({
    name,
    ...(description !== undefined && { description }),
    parametersJsonSchema: withoutConst(parameters),
  }));
  return {
    tools: [{ functionDeclarations }],
    ...(toolChoice !== undefined && { toolConfig: { functionCallingConfig: toWireChoice(toolChoice) } }),
  };
}

function toWireChoice(choice: NonNullable<GenerateRequest['toolChoice']>): object {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  return { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[choice] };
}

type Schema = Readonly<Record<string, unknown>>;

/** The API knows no `const`: a choice of one says the same. `$schema` names what it takes for granted. Names of properties are left alone. */
function withoutConst(schema: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => keyword !== '$schema')
      .map(([keyword, value]) => {
        if (keyword === 'const') return ['enum', [value]];
        if (['enum', 'default', 'examples', 'required'].includes(keyword)) return [keyword, value];
        const isNamed = ['properties', '$defs', 'definitions', 'patternProperties'].includes(keyword);
        return [keyword, isNamed && isSchema(value) ? mapValues(value, changeSchemas) : changeSchemas(value)];
      }),
  );
}

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
const mapValues = (schemas: Schema, change: (value: unknown) => unknown): Schema =>
  Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, change(value)]));

function changeSchemas(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(changeSchemas);
  return isSchema(value) ? withoutConst(value) : value;
}
