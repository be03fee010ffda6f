/**
 * What a call costs, as far as anybody said: the provider's own list first, then a dated snapshot of OpenAI's prices. What is not known stays unknown
 * and blocks nothing; the budget then counts tokens.
 */

import type { Amounts } from '../protocol/budgets';
import type { GenerateRequest, Message, ModelInfo, Part, Place, Pricing, Usage } from '../protocol/generate';
import { type MicroUsd, toMicroUsd } from '../protocol/ids';
import { limits } from '../protocol/limits';
import { tokensOfText } from '../protocol/token-estimate';
import { rowOf } from '../providers/catalog';
import { placeOf } from '../providers/place';
import snapshot from '../providers/prices.json';
import type { Tariff } from './budgets';
import type { ConnectionRecord } from './database';

/** A price that is whole enough to count with. */
export interface Price extends Pricing {
  readonly input: MicroUsd;
  readonly output: MicroUsd;
  /** For requests with more input than so many tokens. */
  readonly long?: (Pricing & { readonly above: number }) | undefined;
}

/** Tokens as billed. */
export type TokenCounts = Pick<Usage, 'cachedTokens' | 'cacheWriteTokens'> & {
  readonly inputTokens: number;
  readonly outputTokens: number;
};

const models = snapshot.models as unknown as Readonly<Record<string, Price>>;
/** A model's name may end in its date or in what follows the newest; other endings are other models with other prices. */
const version = /^(-chat)?(-latest|-\d{4}-\d{2}-\d{2}|-\d{4})?$/;

/** What the snapshot says of a model of OpenAI; the longest name that fits wins. */
function snapshotPrice(model: string): Price | undefined {
  const names = Object.keys(models).filter((name) => model.startsWith(name) && version.test(model.slice(name.length)));
  const [longest] = names.sort((one, other) => other.length - one.length);
  return longest === undefined ? undefined : models[longest];
}

export interface Priced {
  readonly providerId: string;
  readonly place: Place;
  /** A subscription covers it. */
  readonly isFlat?: boolean;
  readonly model: string;
  /** The provider's own figures. */
  readonly pricing: Pricing | undefined;
}

export function pricedBy(connection: ConnectionRecord, model: string, info: ModelInfo | undefined): Priced {
  const { providerId } = connection;
  const row = rowOf(providerId);
  return {
    providerId,
    place: row ? placeOf(row, connection) : 'cloud',
    isFlat: row?.flatFee === true,
    model,
    pricing: info?.pricing,
  };
}

/** Undefined where nobody said. */
export function priceOf({ providerId, model, pricing }: Priced): Price | undefined {
  const { input, output } = pricing ?? {};
  if (input !== undefined && output !== undefined) return { ...pricing, input, output };
  return providerId === 'openai' ? snapshotPrice(model) : undefined;
}

export function tariffOf(priced: Priced): Tariff {
  if (priced.place !== 'cloud' || priced.isFlat) return 'free';
  const price = priceOf(priced);
  if (!price) return 'metered';
  return price.input === 0 && price.output === 0 ? 'free' : 'priced';
}

/** Cached and written tokens are part of the input, reasoning tokens of the output. Rounded up once, at the end. */
export function costOf(
  price: Price,
  { inputTokens, outputTokens, cachedTokens = 0, cacheWriteTokens = 0 }: TokenCounts,
): MicroUsd {
  const {
    input = price.input,
    output = price.output,
    cachedInput = input,
    cacheWrite = input,
  } = price.long && inputTokens > price.long.above ? price.long : price;
  const cached = Math.min(cachedTokens, inputTokens);
  const written = Math.min(cacheWriteTokens, inputTokens - cached);
  const fresh = inputTokens - cached - written;
  return toMicroUsd((fresh * input + cached * cachedInput + written * cacheWrite + outputTokens * output) / 1e12);
}

/** What an account is charged for so many tokens. A cost that the provider told wins over ours. */
export function amountsOf(tariff: Tariff, price: Price | undefined, counts: TokenCounts, told?: MicroUsd): Amounts {
  const tokens = counts.inputTokens + counts.outputTokens;
  const ours = tariff === 'priced' && price ? costOf(price, counts) : 0;
  return { microUsd: told ?? ours, tokens, metered: tariff === 'metered' ? tokens : 0 };
}

const encoder = new TextEncoder();
/** Around each message, for its role and its marks. */
const messageTokens = 8;
/** What an image may be, whatever its size: most vendors stay below, and what it really was is settled afterwards (November 2026). */
const imageTokensAtMost = 5000;
const imageTokensAbout = 1000;
/** Bytes of sound to a token: 32 tokens a second of well packed speech, ten of a plain WAV. */
const soundBytes = { atMost: 100, about: 3200 };

type Input = Pick<GenerateRequest, 'messages' | 'tools' | 'responseFormat'>;

interface Weights {
  readonly text: (text: string) => number;
  readonly image: number;
  readonly soundBytes: number;
  readonly message: number;
}

/** All that a model reads: words, media, and what is said of tools and of the answer's form. */
function weigh({ messages, tools = [], responseFormat }: Input, weights: Weights): number {
  const ofPart = (part: Part): number => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return weights.text(part.text);
      case 'image':
        return weights.image;
      case 'audio':
        return Math.ceil(((part.data.length / 4) * 3) / weights.soundBytes);
      case 'tool-call':
        return weights.text(part.name) + weights.text(part.arguments);
      case 'tool-result':
        return weights.text(part.result);
    }
  };
  const ofMessage = ({ content }: Message) => content.reduce((sum, part) => sum + ofPart(part), weights.message);
  const described = [...tools, ...(responseFormat && responseFormat.type !== 'text' ? [responseFormat] : [])];
  const rest = described.reduce((sum, one) => sum + weights.text(JSON.stringify(one)), weights.message);
  return messages.reduce((sum, message) => sum + ofMessage(message), rest);
}

/** Counted high: few texts of any language or script have more than a token in three bytes. */
export const inputTokensAtMost = (input: Input): number =>
  weigh(input, {
    text: (text) => Math.ceil(encoder.encode(text).length / 3),
    image: imageTokensAtMost,
    soundBytes: soundBytes.atMost,
    message: messageTokens,
  });

/** By the rule of thumb, and additive: what two inputs are together is what each of them is. */
export const inputTokensAbout = (input: Input): number =>
  weigh(input, { text: tokensOfText, image: imageTokensAbout, soundBytes: soundBytes.about, message: 0 });

/** What an answer may come to as far as the page and the model say; where neither does, what is held back to begin with. */
export function outputTokensAtMost(
  request: Pick<GenerateRequest, 'maxOutputTokens' | 'outputs'>,
  modelMost: number | undefined,
): number {
  const { maxOutputTokens, outputs = 1 } = request;
  const most = modelMost ?? Number.POSITIVE_INFINITY;
  return Math.min(maxOutputTokens ?? limits.answerTokens, most) * outputs;
}
