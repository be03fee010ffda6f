/** Owns OpenAI's rules for its reasoning models, which refuse what other models take. Dated data: reviewed November 2026. */

/** `o3`, `gpt-5.4-mini`, `gpt-6-sol`; not `gpt-5-chat-latest`, which is an ordinary chat model. */
export const isReasoningModel = (model: string): boolean =>
  /^o\d/.test(model) || (/^gpt-([5-9]|\d\d)/.test(model) && !model.includes('-chat'));

/** With effort `none` these take temperature and top_p as other models do. */
export const takesSamplersAtRest = (model: string): boolean => /^gpt-(5\.[1-6]|6-luna|6-sol|6\.1-terra)/.test(model);

/** These have no stop sequences at all. */
export const hasNoStops = (model: string): boolean => /^o(3|4-mini)/.test(model);

/** Refuses tools together with reasoning on Chat Completions. */
export const toolsForbidReasoning = (model: string): boolean => /^gpt-5\.6/.test(model);

/** Answers on the Responses API only. */
export const isResponsesOnly = (model: string): boolean => /codex|^gpt-5-pro|^o\d-pro/.test(model);
