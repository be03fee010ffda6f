/** Numbers and dates in the words of the person's language. */

import { i18n } from '#i18n';
import type { ModelInfo } from '../protocol/generate';
import type { MicroUsd } from '../protocol/ids';
import { formats } from './language';

const microsPerUsd = 1_000_000;
const cent = microsPerUsd / 100;

/** Made once: a list of calls has hundreds of numbers, and to make one of these takes longer than to draw its line. */
const dollars = (maximumFractionDigits: number) =>
  new Intl.NumberFormat(formats, { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits });
const wholeCents = dollars(2);
const partsOfCents = dollars(3);
const plainNumber = new Intl.NumberFormat(formats);
const timeOfDay = new Intl.DateTimeFormat(formats, { timeStyle: 'short', hour12: false });
const dayOnly = new Intl.DateTimeFormat(formats, { dateStyle: 'medium' });

export function usd(microUsd: number): string {
  const small = microUsd !== 0 && microUsd < cent * 100;
  return (small ? partsOfCents : wholeCents).format(microUsd / microsPerUsd);
}

export const count = (value: number): string => plainNumber.format(value);

/** An estimate is rounded up to whole cents: it is a warning, not an invoice. */
export function estimate(microUsd: MicroUsd): string {
  return microUsd < cent
    ? i18n.t('cost.underCent', { amount: usd(cent) })
    : i18n.t('cost.about', { amount: usd(Math.ceil(microUsd / cent) * cent) });
}

/** 131072 → "128K", 400000 → "400K": powers of two are counted, and all are written, as their makers do in every language. */
function compact(tokens: number): string {
  const said = tokens % 1024 === 0 && tokens < 1024 * 1000 ? (tokens / 1024) * 1000 : tokens;
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(said);
}

const pricePerMillion = (prices: { readonly input: string; readonly output: string }) => i18n.t('model.price', prices);
/** Where it is said once, for a whole list, what the prices are for. */
export const bothPrices = (prices: { readonly input: string; readonly output: string }) => i18n.t('model.prices', prices);

/** What is known of a model's context and price; empty where nothing is. */
export function modelFacts({ contextTokens, pricing }: ModelInfo, priceText = pricePerMillion): string {
  const facts: string[] = [];
  if (contextTokens) facts.push(i18n.t('model.context', { tokens: compact(contextTokens) }));
  if (pricing?.input === 0 && pricing.output === 0) facts.push(i18n.t('cost.free'));
  else if (pricing?.input !== undefined && pricing.output !== undefined) {
    facts.push(priceText({ input: usd(pricing.input), output: usd(pricing.output) }));
  }
  return facts.join(' · ');
}

export function bytes(size: number): string {
  const unit = size >= 1e9 ? 'gigabyte' : size >= 1e6 ? 'megabyte' : 'kilobyte';
  const one = { gigabyte: 1e9, megabyte: 1e6, kilobyte: 1e3 }[unit];
  return new Intl.NumberFormat(formats, { style: 'unit', unit, maximumFractionDigits: unit === 'gigabyte' ? 1 : 0 }).format(
    size / one,
  );
}

export const clock = (at: number): string => timeOfDay.format(at);

/** "14:02" today, else "3 Nov 2026". */
export function moment(at: number, now: number = Date.now()): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? clock(at) : dayOnly.format(at);
}

/** "3 Nov 2026, 14:02:31". */
export const instant = (at: number): string =>
  new Intl.DateTimeFormat(formats, { dateStyle: 'medium', timeStyle: 'medium', hour12: false }).format(at);
