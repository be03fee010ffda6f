/** The words, phrases and statuses by which backends say what went wrong, each with what it means. Dated data: November 2026. */

import type { Fault } from '../protocol/errors';

/** Words of vendors that say more than the status does. */
export const exactWords: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ['insufficient_quota', 'payment'],
  ['payment_required', 'payment'],
  ['cant_afford', 'payment'], // Mancer
  ['billing_hard_limit_reached', 'payment'],
  ['billing_error', 'payment'],
  ['enforced_spend_limit_reached', 'payment'],
  ['contract_spend_limit_reached', 'payment'],
  ['context_length_exceeded', 'context-length'],
  ['exceed_context_size_error', 'context-length'],
  ['max_tokens_exceeded', 'context-length'],
  ['token_limit_exceeded', 'context-length'],
  ['token_overflow', 'context-length'],
  ['string_too_long', 'context-length'],
  ['string_above_max_length', 'context-length'],
  ['payload_too_large', 'context-length'],
  ['request_too_large', 'context-length'],
  ['invalid_api_key', 'auth'],
  ['api_key_invalid', 'auth'],
  ['no_db_connection', 'auth'], // LiteLLM without a database, to every key but its master's
  ['model_not_found', 'model-not-found'],
  ['model_decommissioned', 'model-not-found'],
  ['model_not_supported', 'model-not-found'], // Hugging Face
  ['deploymentnotfound', 'model-not-found'], // Azure
  ['content_policy_violation', 'content-policy'],
  ['content_filter', 'content-policy'],
  ['refusal', 'content-policy'],
  ['not_supported_error', 'not-supported'],
  ['overloaded_error', 'overloaded'],
  ['provider_overloaded', 'overloaded'],
  // AI Horde's return codes.
  ['usernotfound', 'auth'],
  ['sharedkeyexpired', 'auth'],
  ['anonforbidden', 'auth'],
  ['kudosupfront', 'payment'],
  ['sharedkeyempty', 'payment'],
  ['sharedkeyinsufficientkudos', 'payment'],
  ['timeoutip', 'rate-limit'],
  ['maintenancemode', 'overloaded'],
  ['tokenoverflow', 'context-length'],
  ['requestnotfound', 'interrupted'],
]);

/** Words that count only where no status decides: OpenAI says `invalid_request_error` for a bad key too. */
export const vagueWords: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ['authentication', 'auth'],
  ['authentication_error', 'auth'],
  ['unauthorized', 'auth'],
  ['unauthenticated', 'auth'],
  ['permission_denied', 'forbidden'],
  ['permission_error', 'forbidden'],
  ['rate_limit_exceeded', 'rate-limit'],
  ['rate_limit_error', 'rate-limit'],
  ['resource_exhausted', 'rate-limit'],
  ['unavailable_error', 'overloaded'],
  ['service_unavailable', 'overloaded'],
  ['unavailable', 'overloaded'],
  ['timeout', 'timeout'],
  ['timeout_error', 'timeout'],
  ['deadline_exceeded', 'timeout'],
  ['not_found', 'invalid-request'],
  ['not_found_error', 'invalid-request'],
  ['notfounderror', 'model-not-found'],
  ['invalid_request', 'invalid-request'],
  ['invalid_request_error', 'invalid-request'],
  ['invalid_argument', 'invalid-request'],
  ['invalid_prompt', 'invalid-request'],
  ['invalid_image', 'invalid-request'],
  ['badrequesterror', 'invalid-request'],
  ['unprocessable', 'invalid-request'],
  ['precondition_failed', 'invalid-request'],
]);

/** Words that say more than a status which means something else by itself: 401 for an origin, 400 for an account. */
export const decisivePhrases: readonly (readonly [RegExp, Fault])[] = [
  [/^CORS requests /, 'origin-refused'], // Anthropic
  [/credit balance is too low|enable billing/i, 'payment'], // Anthropic, Google
  [/user location is not supported/i, 'forbidden'], // Google
];

/** Servers without codes say it in words only. */
export const phrases: readonly (readonly [RegExp, Fault])[] = [
  [/maximum context length|context length exceeded|exceeds? the (available |model's )?context|context window/i, 'context-length'],
  [/prompt is too long|exceed context limit|exceeds the maximum number of tokens/i, 'context-length'], // Anthropic, Google
  [/(function calling|json mode) is not enabled/i, 'not-supported'], // Google
  [/no models? (is|are) (currently )?(loaded|available)|no running session/i, 'no-model'],
  [/model .*(not found|does not exist|not exist)|(unknown|invalid) model|model_not_found/i, 'model-not-found'],
  [/image input is not supported|requires --jinja|does not support (tools|images|image input|audio)/i, 'not-supported'],
  [/not allowed for (the )?current user tier/i, 'forbidden'],
  [/out of memory/i, 'out-of-memory'],
  [/incorrect api key|bad api key|invalid api (key|token)/i, 'auth'],
  [/unexpected endpoint/i, 'invalid-request'], // LM Studio's answer to every route that it does not know
];

export const statuses: ReadonlyMap<number, Fault> = new Map<number, Fault>([
  [401, 'auth'],
  [402, 'payment'],
  [403, 'forbidden'],
  [407, 'network'], // Not the backend's: a proxy on the way wants to know who asks.
  [408, 'timeout'],
  [409, 'server'], // a conflict that passes, which is why the vendors' own clients try again
  [413, 'context-length'],
  [429, 'rate-limit'],
  [501, 'not-supported'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [507, 'out-of-memory'],
  [524, 'timeout'],
  [529, 'overloaded'],
]);

export const passing: ReadonlySet<Fault> = new Set<Fault>(['rate-limit', 'overloaded', 'timeout', 'server']);
