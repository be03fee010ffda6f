/** What the measuring page does: the same answer fetched by itself, by Oriel, and through a relay that posts each chunk. */

import { createParser } from '/eventsource-parser/index.js';

/** Takes an answer in and tells when what of it came. */
function watch({ chunks, chars, stamped }) {
  const begun = performance.now();
  const latencies = [];
  let text = '';
  let first;
  return {
    take(piece) {
      const now = performance.now();
      first ??= now - begun;
      text += piece;
      if (!stamped) return;
      for (const stamp of piece.split(' ')) if (stamp !== '') latencies.push(performance.timeOrigin + now - Number(stamp));
    },
    end() {
      const isWhole = stamped ? latencies.length === chunks : text.length === chunks * chars;
      if (!isWhole) throw new Error(`${text.length} characters of ${chunks} chunks came.`);
      return { ms: performance.now() - begun, first, latencies };
    },
  };
}

/** As a page does that has a key of its own. */
async function own(order, origin = '') {
  const seen = watch(order);
  const messages = [{ role: 'user', content: JSON.stringify(order) }];
  const response = await fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    // Of another origin too this type asks for no preflight.
    headers: { 'content-type': 'text/plain' },
    body: JSON.stringify({ model: 'bench', stream: true, messages }),
  });
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return;
      const piece = JSON.parse(data).choices[0]?.delta?.content;
      if (piece) seen.take(piece);
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read())
    parser.feed(decoder.decode(read.value, { stream: true }));
  return seen.end();
}

async function oriel(order, model) {
  const seen = watch(order);
  await window.ai.generateText(
    { prompt: JSON.stringify(order) },
    { ...(model && { model }), onStreamResult: (result) => result && seen.take(result.text) },
  );
  return seen.end();
}

/** What extensions of this kind do: every chunk is a message of its own, twice. */
function peer(order) {
  const seen = watch(order);
  return new Promise((resolve, reject) => {
    const listener = ({ data }) => {
      if (data?.to !== 'page') return;
      if (data.piece !== undefined) return seen.take(data.piece);
      removeEventListener('message', listener);
      if (data.error) reject(new Error(data.error));
      else resolve(seen.end());
    };
    addEventListener('message', listener);
    postMessage({ to: 'relay', order, url: `${location.origin}/v1/chat/completions` }, '*');
  });
}

/** Milliseconds until the last of so many answers at once is whole. */
async function many(ask, count, order, among) {
  const begun = performance.now();
  await Promise.all(Array.from({ length: count }, (_, index) => ask(order, among[index % among.length])));
  return performance.now() - begun;
}

/** Milliseconds of each of so many calls, one after the other. */
async function each(count, call) {
  const begun = performance.now();
  for (let index = 0; index < count; index += 1) await call();
  return (performance.now() - begun) / count;
}

window.bench = {
  own,
  oriel,
  peer,
  manyOwn: (count, order, origins) => many(own, count, order, origins),
  manyOriel: (count, order, models) => many(oriel, count, order, models),
  availability: (count) => each(count, () => LanguageModel.availability()),
};
