/**
 * Looks whether a request seems to hold what should go to nobody: a key, a password, a card number. Conservative: an everyday text must
 * pass, since a person who is asked too often no longer reads. What was found is remembered as a hash, in memory, until it is forgotten.
 */

import type { Part } from '../protocol/generate';
import type { Suspect } from '../protocol/site-rules';
import type { RequestContent } from '../protocol/ui-messages';

export interface Finding {
  readonly what: Suspect;
  /** As it stands in the request. */
  readonly text: string;
}

/** Shapes that providers give their keys, each long enough that no word of a language has it. Dated: November 2026. */
const keyShapes: readonly RegExp[] = [
  /\bsk-(?:ant-|or-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}/g, // OpenAI, Anthropic, OpenRouter
  /\bAIza[A-Za-z0-9_-]{35}/g, // Google
  /\bgh[pousr]_[A-Za-z0-9]{36,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{40,}/g,
  /\bxox[abeprs]-[A-Za-z0-9-]{20,}/g, // Slack
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS
  /\bhf_[A-Za-z0-9]{30,}/g, // Hugging Face
  /\bgsk_[A-Za-z0-9]{40,}/g, // Groq
  /\bxai-[A-Za-z0-9]{40,}/g,
  /\b[rs]k_live_[A-Za-z0-9]{20,}/g, // Stripe
  /-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----/g,
  /\beyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,}/g, // JWT; bounded, so that no text is read a million times
];

/** 13 to 19 digits, in groups or not, that are part of no longer number. */
const cardShape = /(?<![\d.,-])(?:\d[ -]?){12,18}\d(?![\d]|[.,-]\d)/g;
/** "password: x", in words that forms use. What follows must be one word that looks made up: letters with a digit or a sign. */
const passwordShape =
  /\b(?:password|passwd|passphrase|passwort|kennwort|pwd|mot de passe|contraseña)\s{0,3}(?:is\s{1,3}|[:=]\s{0,3})["'`]?([^\s"'`,;<>]{6,128})/giu;

/** All that seems to be there: keys, then cards, then passwords. */
export function findSuspects(content: RequestContent): readonly Finding[] {
  const texts = textsOf(content);
  return [findKeys, findCards, findPasswords].flatMap((find) => texts.flatMap(find));
}

/** Whatever goes along as words: what a tool said and what a schema describes as well. */
function textsOf({ messages, tools = [], responseFormat }: RequestContent): readonly string[] {
  const ofPart = (part: Part): readonly string[] => {
    if ('text' in part) return [part.text];
    if (part.type === 'tool-call') return [part.arguments];
    return part.type === 'tool-result' ? [part.result] : [];
  };
  const described = [...tools.flatMap(({ description, parameters }) => [description ?? '', parameters]), responseFormat];
  return [...messages.flatMap(({ content }) => content.flatMap(ofPart)), ...described.flatMap(stringsOf)];
}

/** Every string of a schema, each by itself: as JSON it would be escaped. Names of properties are words too. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? value.flatMap(stringsOf) : Object.entries(value).flat().flatMap(stringsOf);
}

const findKeys = (text: string): readonly Finding[] =>
  keyShapes
    .flatMap((shape) => text.match(shape) ?? [])
    .filter((candidate) => !isPlaceholder(candidate))
    .map((found) => ({ what: 'key', text: found }));

/** `sk-xxxxxxxx…`, `sk-your-api-key-goes-here`: documentation, not a key. */
const isPlaceholder = (candidate: string) => {
  if (candidate.startsWith('-----')) return false;
  return /(.)\1{5}/.test(candidate) || !/\d/.test(candidate);
};

const findCards = (text: string): readonly Finding[] =>
  (text.match(cardShape) ?? []).filter(isCardNumber).map((found) => ({ what: 'card-number', text: found }));

/** A known issuer's first digits and length, and the checksum that every card has. */
function isCardNumber(candidate: string): boolean {
  const digits = candidate.replace(/[ -]/g, '');
  const isIssued =
    /^4(\d{12}|\d{15}|\d{18})$/.test(digits) || // Visa
    /^(5[1-5]|2[2-7])\d{14}$/.test(digits) || // Mastercard
    /^3[47]\d{13}$/.test(digits) || // American Express
    /^(6011|65\d\d|64[4-9]\d)\d{12}$/.test(digits) || // Discover
    /^(30[0-5]|36|38)\d{11,12}$/.test(digits) || // Diners
    /^35(2[89]|[3-8]\d)\d{12}$/.test(digits); // JCB
  return isIssued && hasLuhnSum(digits);
}

/** ISO/IEC 7812-1, annex B. */
function hasLuhnSum(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const findPasswords = (text: string): readonly Finding[] =>
  Array.from(text.matchAll(passwordShape), ([, word]) => (word as string).replace(/[.!?]+$/, ''))
    .filter(looksMadeUp)
    .map((word) => ({ what: 'password', text: word }));

/** Letters with a digit or a sign among them, and no code. */
const looksMadeUp = (word: string): boolean =>
  word.length >= 6 && /\p{L}/u.test(word) && /[\d!#$%&*+?@^~]/.test(word) && !/[(){}[\]=/\\]|\w\.\p{L}/u.test(word);

/** Enough to recognise it by, and too little to use. */
export function masked({ what, text }: Finding): string {
  if (what === 'card-number') return `•••• ${text.replace(/[ -]/g, '').slice(-4)}`;
  if (what === 'password') return '••••••••';
  return text.startsWith('-----') ? text : `${text.slice(0, 4)}••••••••`;
}

/** Something that the person has to be asked about, with as much of it as a card may show. */
export interface Suspected extends Finding {
  readonly masked: string;
}

export interface Suspicion {
  /** The first that seems secret and that the person has not let this site send before. */
  look(site: string, content: RequestContent): Promise<Suspected | undefined>;
  /** The person let the site send it. */
  allowed(site: string, finding: Finding): Promise<void>;
}

export function createSuspicion(): Suspicion {
  // A conversation repeats its history with each message: what was let go once is not asked for again while the background lives.
  const known = new Set<string>();
  const keyOf = async (site: string, { text }: Finding) => {
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${site}\n${text}`));
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16)).join(' ');
  };
  return {
    async look(site, content) {
      for (const finding of findSuspects(content))
        if (!known.has(await keyOf(site, finding))) return { ...finding, masked: masked(finding) };
      return undefined;
    },
    async allowed(site, finding) {
      known.add(await keyOf(site, finding));
    },
  };
}
