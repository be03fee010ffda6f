/** Between the page and the background, one message for each. */
addEventListener('message', ({ data }) => {
  if (data?.to !== 'relay') return;
  const port = (globalThis.browser ?? chrome).runtime.connect();
  port.onMessage.addListener((message) => postMessage({ ...message, to: 'page' }, '*'));
  port.postMessage(data);
});
