/**
 * Oriel for SillyTavern 1.19: chats are answered by the models of the browser's own Oriel, by no key and no server of SillyTavern's.
 *
 * SillyTavern's page asks its server, which asks the model. No hook of its extensions stands in between, so the page's `fetch` is taken: two requests of
 * it, and only when their source is `custom` and its address is on the host `oriel.invalid`, which leads nowhere on the web. README.md says how to set it up.
 */

/** Oriel's address for its `fetch` (docs/openai.md). */
const baseURL = 'https://oriel.invalid/v1';
const backend = '/api/backends/chat-completions/';

/** What a body holds that means the same in OpenAI's API. `model` is looked at on its own; the rest is SillyTavern's word to its own server. */
const taken = [
  ...['temperature', 'top_p', 'top_k', 'min_p', 'repetition_penalty', 'frequency_penalty', 'presence_penalty', 'seed'],
  ...['max_tokens', 'max_completion_tokens', 'stop', 'n', 'stream', 'tools', 'tool_choice', 'reasoning_effort'],
];

const sentences = {
  insecure:
    'Oriel answers SillyTavern over https, and on this computer (127.0.0.1 or localhost). This page came over plain http from elsewhere.',
  missing: 'Oriel is not in this browser, or may not run on this site. Install it or allow it here, then reload this page.',
};

/** SillyTavern calls this once, when the extension is loaded. */
export function activate() {
  const { fetch: original, SillyTavern, toastr } = globalThis;
  globalThis.fetch = createFetch({
    original: (input, init) => original.call(globalThis, input, init),
    findOriel,
    isSecure: globalThis.isSecureContext,
    parseYaml: (text) => SillyTavern.libs.yaml.parse(text),
    tell: (message) => toastr.error(message, 'Oriel'),
  });
}

/** The `window.ai` of Oriel, also where something else has taken that name; undefined without Oriel. */
function findOriel() {
  let found;
  const hear = ({ detail }) => {
    if (detail?.info?.id === 'invalid.oriel' && detail.provider.fetch) found ??= detail.provider;
  };
  addEventListener('ai:announce', hear);
  dispatchEvent(new Event('ai:request'));
  removeEventListener('ai:announce', hear);
  return found;
}

/**
 * The page's `fetch` as it is from now on.
 * @param deps.original answers everything that is not for Oriel
 * @param deps.tell shows a sentence to the person
 */
export function createFetch({ original, findOriel, isSecure, parseYaml, tell }) {
  /** The models of the last status: a name that is not among them is one of another time, or of another source. */
  let known = new Set();

  /** @returns what `window.ai.fetch` answers, or an answer that says why it cannot */
  const ask = (endpoint, init) => {
    if (!isSecure) return failure(sentences.insecure);
    const oriel = findOriel();
    return oriel ? oriel.fetch(`${baseURL}/${endpoint}`, init) : failure(sentences.missing);
  };

  const answerStatus = async (signal) => {
    const response = await ask('models', { signal });
    const answer = await response.json();
    if (response.ok) known = new Set(answer.data.map(({ id }) => id));
    // SillyTavern is silent about a status that fails.
    else tell(answer.error.message);
    return Response.json(answer, { status: response.status });
  };

  /** SillyTavern's server alone knows how it merges messages: it has an endpoint that does that and nothing else. */
  const processed = async (body, { headers, signal }) => {
    const { messages, custom_prompt_post_processing: type, user_name, char_name, group_names } = body;
    if (!type) return messages;
    const sent = JSON.stringify({ messages, type, user_name, char_name, group_names });
    const response = await original(`${backend}process`, { method: 'POST', headers, body: sent, signal });
    if (!response.ok) throw new Error(`SillyTavern's prompt post-processing failed with status ${response.status}.`);
    return (await response.json()).messages;
  };

  const answerGenerate = async (body, init) => {
    let sent;
    try {
      sent = requestOf({ ...body, messages: await processed(body, init) }, known, parseYaml);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      return failure(error.message, 400);
    }
    const headers = { 'content-type': 'application/json' };
    const response = await ask('chat/completions', { method: 'POST', headers, body: JSON.stringify(sent), signal: init.signal });
    return body.stream && response.ok ? begun(response, body.include_reasoning !== false) : response;
  };

  return async (input, init) => {
    const [endpoint, body] = orielBodyOf(input, init) ?? [];
    if (endpoint === 'status') return answerStatus(init.signal);
    if (endpoint === 'generate') return answerGenerate(body, init);
    return original(input, init);
  };
}

/** What a request asks of which endpoint, where it is one for Oriel. */
function orielBodyOf(input, { method, body: text } = {}) {
  if (typeof input !== 'string' || method !== 'POST' || typeof text !== 'string') return undefined;
  const endpoint = ['status', 'generate'].find((name) => input === backend + name);
  if (!endpoint) return undefined;
  try {
    const body = JSON.parse(text);
    const isOurs = body.chat_completion_source === 'custom' && new URL(body.custom_url).hostname === new URL(baseURL).hostname;
    return isOurs ? [endpoint, body] : undefined;
  } catch {
    // No JSON, or no address: SillyTavern's server says so.
    return undefined;
  }
}

/**
 * The body of Chat Completions (OpenAI API reference) for what SillyTavern sends to its server.
 * @throws Error where the person's additional parameters are no YAML
 */
function requestOf(body, known, parseYaml) {
  const { custom_include_body: added, custom_exclude_body: left, json_schema: schema } = body;
  const sent = { messages: body.messages.map(messageOf) };
  for (const name of taken) if (body[name] !== undefined) sent[name] = body[name];
  if (sent.tools?.length === 0) delete sent.tools;
  if (known.has(body.model)) sent.model = body.model;
  if (schema) {
    const { name, strict = true, value } = schema;
    sent.response_format = { type: 'json_schema', json_schema: { name, strict, schema: value } };
  }
  for (const fields of listOf(yamlOf(added, 'Include'))) Object.assign(sent, fields);
  for (const name of listOf(yamlOf(left, 'Exclude')).flatMap(namesOf)) delete sent[name];
  return sent;

  function yamlOf(yaml, field) {
    try {
      return yaml ? parseYaml(yaml) : undefined;
    } catch {
      throw new Error(`"${field} Body Parameters" of SillyTavern's additional parameters is not valid YAML.`);
    }
  }
}

const listOf = (value) => [value ?? []].flat();
const namesOf = (entry) => (typeof entry === 'object' ? Object.keys(entry) : `${entry}`);

/** SillyTavern has its own name for sound. */
function messageOf(message) {
  if (!Array.isArray(message.content)) return message;
  return { ...message, content: message.content.map((part) => (part.type === 'audio_url' ? soundOf(part.audio_url.url) : part)) };
}

function soundOf(url) {
  const [, kind, data] = /^data:audio\/([\w.+-]+)[^,]*,(.*)$/s.exec(url) ?? [];
  return { type: 'input_audio', input_audio: { format: kind === 'mpeg' ? 'mp3' : kind, data } };
}

/**
 * The stream as it came, but not before it says something: SillyTavern makes a message as soon as there is a response, and would leave it empty when a
 * refusal follows or the person stops. An error that comes first is an answer of its own.
 * @param showsThoughts whether SillyTavern shows thoughts; else they are nothing to begin with
 */
async function begun(response, showsThoughts) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const held = [];
  let text = '';
  for (let hasBegun = false; !hasBegun; ) {
    const { value, done } = await reader.read();
    if (done) break;
    held.push(value);
    text += decoder.decode(value, { stream: true });
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) {
      const { error, choices = [] } = eventOf(event);
      if (error && !hasBegun) {
        await reader.cancel();
        return failure(error.message, 502);
      }
      hasBegun ||= choices.some((choice) => says(choice, showsThoughts));
    }
  }
  const stream = new ReadableStream({
    async pull(controller) {
      const { value, done } = held.length > 0 ? { value: held.shift() } : await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(stream, { headers: response.headers });
}

const eventOf = (event) => (event === 'data: [DONE]' ? {} : JSON.parse(event.replace(/^data: /, '')));

const says = ({ delta = {}, finish_reason: end }, showsThoughts) =>
  Boolean(end || delta.content || delta.tool_calls || (showsThoughts && delta.reasoning_content));

const failure = (message, status = 503) => Response.json({ error: { message } }, { status });
