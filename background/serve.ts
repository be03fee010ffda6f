/**
 * The door of the background: says who is at a port, and serves pages and Oriel's own pages from two closed tables that have nothing in
 * common. Nobody else is served.
 */

import { type ChannelPort, type ChannelServer, type Reply, serveChannel } from '../protocol/channel';
import { AiError, toAiError, toPageError, toPersonError } from '../protocol/errors';
import { type PageCall, type PageEvent, type PromptApiState, parsePageCall, parsePageFrame } from '../protocol/page-messages';
import { parseUiFrame, type UnreadUiCall } from '../protocol/ui-frames';
import type { UiEvent } from '../protocol/ui-messages';
import type { Sender } from './browser-api';
import { isGranted } from './gate';
import { handleEmbed } from './handle-embed';
import { handleConnect, handleRequest, type RequestDeps } from './handle-request';
import { identify, inSession, type PageIdentity } from './identity';
import { logDefect } from './log';
import type { Meter } from './meter';
import type { Screens } from './screens';
import { createSiteAnswers, unknownModel } from './site-answers';

interface ServeDeps extends RequestDeps {
  readonly meter: Pick<Meter, 'look'>;
  readonly own: { readonly extensionId: string; readonly extensionOrigin: string };
  readonly screens: () => Promise<Screens>;
  readonly engineConnected: (port: ChannelPort) => void;
}

export interface Serve {
  connect(port: ChannelPort & { readonly name?: string; readonly sender?: Sender | undefined }): void;
  /** Shows every open page of Oriel the new state, and every granted document a new model. */
  changed(): Promise<void>;
  /** Shows every open page of Oriel the new state; nothing that documents are told has changed. */
  shown(): Promise<void>;
}

/** What an open document would be told. */
interface Told {
  /** That it would be answered by. */
  readonly model: string;
  /** What its site may do, as a word to compare. */
  readonly held: string;
  /** Its `LanguageModel`; absent where the person did not say. */
  readonly promptApi: string | undefined;
}

export function createServe(deps: ServeDeps): Serve {
  const { grants, router } = deps;
  /** Each with what it was told last: not known before the first look, and what is not known has not changed. */
  const pages = new Map<ChannelServer<PageEvent>, { readonly page: PageIdentity; last: Told | undefined }>();
  const screens = new Set<ChannelServer<UiEvent>>();
  let isPushing = false;
  let isStale = false;
  let arePagesStale = false;

  const maySee = async (page: PageIdentity) => isGranted(await grants.stateOf(page), 'models.read');
  const modelOf = async (page: PageIdentity) => (await router.plan(page, undefined))[0]?.model ?? unknownModel;

  const siteAnswers = createSiteAnswers(deps);
  /** What a site may do, as a word to compare. */
  const heldBy = async (page: PageIdentity) => {
    const told = await siteAnswers.capabilities(page);
    return told.state === 'allowed' ? told.scopes.join() : '';
  };

  const lookAt = async (page: PageIdentity): Promise<Told> => {
    const { promptApi } = await grants.stateOf(page);
    return { model: await modelOf(page), held: await heldBy(page), promptApi };
  };

  const promptApiState = async (page: PageIdentity): Promise<PromptApiState> => {
    // Its site is then shown in the popup, where the person says who answers.
    await grants.seen(page);
    const { promptApi } = await grants.stateOf(page);
    return { site: await siteAnswers.capabilities(page), ...(promptApi && { by: promptApi }) };
  };

  const handlers: {
    readonly [Call in PageCall as Call['type']]: (call: Call, page: PageIdentity, reply: Reply) => Promise<unknown>;
  } = {
    generate: ({ request, session }, page, reply) => handleRequest(request, inSession(page, session), reply, deps),
    async connect(call, page, reply) {
      const asker = inSession(page, call.session);
      await handleConnect(call, asker, reply, deps);
      return siteAnswers.capabilities(asker);
    },
    capabilities: ({ session }, page) => siteAnswers.capabilities(inSession(page, session)),
    models: (_call, page) => siteAnswers.models(page),
    measure: async (content) => siteAnswers.measure(content),
    embed: ({ request }, page, reply) => handleEmbed(request, page, reply, deps),
    async openai(call, page, reply) {
      const { answerOpenAi } = await deps.forms();
      return answerOpenAi(call, reply, { parse: parsePageCall, serve: serveCall(page), now: deps.now });
    },
    'current-model': async (_call, page) => ((await maySee(page)) ? modelOf(page) : unknownModel),
    'language-model': (_call, page) => promptApiState(page),
  };

  const serveCall = (page: PageIdentity) => (call: PageCall, reply: Reply) => {
    // The table pairs each call with its handler; TypeScript cannot follow the lookup.
    const handler = handlers[call.type] as (call: PageCall, page: PageIdentity, reply: Reply) => Promise<unknown>;
    return handler(call, page, reply);
  };

  const pushToPages = async () => {
    for (const [channel, entry] of pages) {
      const { page, last } = entry;
      const next = await lookAt(page);
      entry.last = next;
      if (!last) continue;
      if (last.model !== next.model && (await maySee(page))) channel.push({ type: 'model-changed', model: next.model });
      if (last.held !== next.held) channel.push({ type: 'permission-changed', permission: await siteAnswers.capabilities(page) });
      if (last.promptApi !== next.promptApi && isGranted(await grants.stateOf(page), 'generate'))
        channel.push({ type: 'language-model-changed' });
    }
  };

  const pushToScreens = async () => {
    if (screens.size === 0) return;
    const overview = await (await deps.screens()).overview();
    for (const screen of screens) screen.push({ type: 'overview', overview });
  };

  /** One push at a time; what changes meanwhile is in the next one. */
  const push = async (isOfPages: boolean) => {
    isStale = true;
    arePagesStale ||= isOfPages;
    if (isPushing) return;
    isPushing = true;
    try {
      while (isStale) {
        const areTold = arePagesStale;
        isStale = arePagesStale = false;
        if (areTold) await pushToPages();
        await pushToScreens();
      }
    } finally {
      isPushing = false;
    }
  };

  const servePage = (port: ChannelPort, page: PageIdentity) => {
    const channel = serveChannel<PageCall, PageEvent>(port, {
      parse: parsePageFrame,
      handle: serveCall(page),
      toError: reported(toPageError),
      onClose: () => pages.delete(channel),
    });
    const entry: { readonly page: PageIdentity; last: Told | undefined } = { page, last: undefined };
    pages.set(channel, entry);
    lookAt(page).then((found) => {
      entry.last = found;
    }, logDefect);
    // What its first call counts on is read while that comes.
    deps.meter.look(page).catch(logDefect);
  };

  const serveScreen = (port: ChannelPort) => {
    const channel = serveChannel<UnreadUiCall, UiEvent>(port, {
      parse: parseUiFrame,
      handle: async (call, reply) => (await deps.screens()).handle(call, reply),
      toError: reported(toPersonError),
      onClose: () => screens.delete(channel),
    });
    screens.add(channel);
  };

  return {
    changed: () => push(true),
    shown: () => push(false),
    connect(port) {
      const identity = identify(port.sender, deps.own, port.name);
      if (identity.type === 'page') return servePage(port, identity);
      const doors = { ui: serveScreen, engine: deps.engineConnected, nobody: refuse };
      doors[identity.type](port);
    },
  };
}

/** What nobody foresaw is a defect of ours: it goes to the log, whoever is told what. */
const reported =
  <Told>(tell: (error: unknown) => Told) =>
  (error: unknown): Told => {
    if (toAiError(error).code === 'unknown') logDefect(error);
    return tell(error);
  };

/** A document without an identity: each of its calls is answered with a refusal, so that its promises settle. */
function refuse(port: ChannelPort): void {
  serveChannel<PageCall>(port, {
    parse: parsePageFrame,
    handle: async (call) => {
      if (call.type === 'current-model') return unknownModel;
      if (call.type === 'models') return [{ id: unknownModel }];
      if (call.type === 'capabilities') return { state: 'ask' };
      if (call.type === 'language-model') return { site: { state: 'ask' } };
      throw new AiError('not-allowed', 'This document has no origin.');
    },
    toError: toPageError,
  });
}
