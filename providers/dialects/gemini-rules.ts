/** Owns what each model of the Gemini API takes and refuses. Dated data: reviewed November 2026 (Google's model pages and API reference). */

export interface GeminiRules {
  /** temperature, topP and topK; other models answer them with a 400. */
  readonly takesSamplers: boolean;
  readonly takesPenalties: boolean;
  /** The chat may end with a turn of the model. */
  readonly takesPrefill: boolean;
  readonly takesSystem: boolean;
  /** Calls must come back with the signature of the thought behind them. */
  readonly signsCalls: boolean;
  /** A schema together with tools. */
  readonly takesSchemaWithTools: boolean;
  readonly thinking:
    | { readonly type: 'none' }
    /** Tokens; `least` is what off comes to, 0 where it is really off. */
    | { readonly type: 'budget'; readonly least: number; readonly most: number }
    | { readonly type: 'level'; readonly least: 'MINIMAL' | 'LOW' };
}

const gemini2: GeminiRules = {
  takesSamplers: true,
  takesPenalties: true,
  takesPrefill: true,
  takesSystem: true,
  signsCalls: false,
  takesSchemaWithTools: false,
  thinking: { type: 'none' },
};
const gemini25: GeminiRules = { ...gemini2, takesPenalties: false, thinking: { type: 'budget', least: 0, most: 24_576 } };
const gemini3: GeminiRules = {
  ...gemini25,
  signsCalls: true,
  takesSchemaWithTools: true,
  thinking: { type: 'level', least: 'MINIMAL' },
};
/** What is not known is taken for the newest. */
const strict: GeminiRules = { ...gemini3, takesSamplers: false, takesPrefill: false };
const fromLow = { type: 'level', least: 'LOW' } as const;

/** The first that fits counts. */
const families: readonly (readonly [RegExp, GeminiRules])[] = [
  [/^gemma-/, { ...gemini2, takesPenalties: false, takesSystem: false }],
  [/^gemini-(1\.|2\.0)/, gemini2],
  [/^gemini-2\.5-pro/, { ...gemini25, thinking: { type: 'budget', least: 128, most: 32_768 } }],
  [/^gemini-2\.5-/, gemini25],
  [/^gemini-3(\.[0-4])?-(.*-)?pro/, { ...gemini3, thinking: fromLow }],
  [/^gemini-3(\.[0-4])?-/, gemini3],
  [/^gemini-3\.5-flash(?!-lite)/, gemini3],
  [/^gemini-4-hydrogen|-pro(-|$)/, { ...strict, thinking: fromLow }],
];

/** @param model its id without `models/` */
export const rulesOf = (model: string): GeminiRules => families.find(([pattern]) => pattern.test(model))?.[1] ?? strict;
