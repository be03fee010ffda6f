/** Where only the browser's own rights lead in Firefox: its own scope, private windows, and the world of a content script. */
import { type BidiClient, type EvaluateResult, fromRemote } from './bidi-client';

/** Evaluates an expression and gives its JSON-like result, awaited. */
export type Evaluate = (expression: string) => Promise<unknown>;

/** A way to evaluate with the browser's own rights. */
export async function openChromeScope(client: BidiClient): Promise<Evaluate> {
  const tree = await client.send<{ contexts: { context: string; url: string }[] }>('browsingContext.getTree', {
    maxDepth: 0,
    'moz:scope': 'chrome',
  });
  const window = tree.contexts.find(({ url }) => url.endsWith('browser.xhtml'));
  if (!window) throw new Error('Firefox shows no window of its own');
  return (expression) => evaluateIn(client, { context: window.context }, expression);
}

/** Evaluates in a page, in a sandbox of it, or in the browser; throws what is thrown there. */
export async function evaluateIn(client: BidiClient, target: object, expression: string): Promise<unknown> {
  const answer = await client.send<EvaluateResult>(
    'script.evaluate',
    { expression, target, awaitPromise: true, userActivation: false, serializationOptions: { maxObjectDepth: 20 } },
    120_000,
  );
  if (answer.type === 'success') return fromRemote(answer.result ?? { type: 'undefined' });
  const thrown = answer.exceptionDetails;
  const value = thrown?.exception.type === 'string' ? String(thrown.exception.value) : undefined;
  throw new Error(value ?? thrown?.text ?? 'The page threw something unknown');
}

/** Lets an extension run in private windows; takes effect when it is installed. */
export async function allowInPrivateWindows(chrome: Evaluate, extensionId: string): Promise<void> {
  await chrome(`ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs').ExtensionPermissions.add(
    ${JSON.stringify(extensionId)}, { permissions: ['internal:privateBrowsingAllowed'], origins: [] })`);
}

/** Evaluates in the world of the extension's content script, in the first tab with this address: a script in its process reaches it. */
export async function evaluateInContentScript(
  chrome: Evaluate,
  extensionId: string,
  url: string,
  expression: string,
): Promise<unknown> {
  const source = `
    const { ExtensionContent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionContent.sys.mjs');
    const context = ExtensionContent.getContextByExtensionId(${JSON.stringify(extensionId)}, content);
    const evaluated = (async () => JSON.stringify(await Cu.evalInSandbox(${JSON.stringify(expression)}, context.sandbox)))();
    evaluated.then(
      (value) => sendAsyncMessage('oriel-tests', { value }),
      (error) => sendAsyncMessage('oriel-tests', { error: String(error) }));`;
  const answer = (await chrome(`new Promise((resolve) => {
    for (const window of Services.wm.getEnumerator('navigator:browser')) for (const tab of window.gBrowser.browsers) {
      if (tab.currentURI.spec !== ${JSON.stringify(url)}) continue;
      const { messageManager } = tab;
      const listener = ({ data }) => { messageManager.removeMessageListener('oriel-tests', listener); resolve(data); };
      messageManager.addMessageListener('oriel-tests', listener);
      return messageManager.loadFrameScript('data:application/javascript,' + encodeURIComponent(${JSON.stringify(source)}), false);
    }
    resolve({ error: 'No tab has this address' });
  })`)) as { value?: string; error?: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.value === undefined ? undefined : JSON.parse(answer.value);
}
