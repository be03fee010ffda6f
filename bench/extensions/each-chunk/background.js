/** Fetches for the page and posts each chunk as it comes: what extensions of this kind do (see docs/performance.md). */
const { runtime } = globalThis.browser ?? chrome;

runtime.onConnect.addListener((port) => {
  port.onMessage.addListener(async ({ url, order }) => {
    const messages = [{ role: 'user', content: JSON.stringify(order) }];
    const body = JSON.stringify({ model: 'bench', stream: true, messages });
    const response = await fetch(url, { method: 'POST', body });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const events = (rest + read.value).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        if (event === 'data: [DONE]') continue;
        const piece = JSON.parse(event.slice(6)).choices[0]?.delta?.content;
        if (piece) port.postMessage({ piece });
      }
    }
    port.postMessage({ done: true });
  });
});
