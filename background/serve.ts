/**
 * The door of the background: says who is at a port, and serves pages and Oriel's own pages from two closed tables that have nothing in
 * common. Nobody else is served.
 */

import { assertNever } from '../protocol/assert-never';
import { type ChannelPort, type ChannelServer, type Reply, serveChannel } from '../protocol/channel';
import { AiError, toAiError, toPageError, toPersonError } from '../protocol/errors';
import { type PageCall, type PageEvent, parsePageFrame } from '../protocol/page-messages';
import { type Overview, parseUiFrame, type UiCall, type UiEvent } from '../protocol/ui-messages';
import type { Sender } from './browser';
import { isGranted } from './gate';
import { handleRequest, type RequestDeps } from './handle-request';
import { identify, type PageIdentity } from './identity';
import { logDefect } from './log';
import type { UiApi } from './ui-api';

interface ServeDeps extends RequestDeps {
  readonly own: { readonly extensionId: string; readonly extensionOrigin: string };
  readonly uiApi: UiApi;
  readonly engineConnected: (port: ChannelPort) => void;
  readonly overview: () => Promise<Overview>;
}

export interface Serve {
  connect(port: ChannelPort & { readonly sender?: Sender | undefined }): void;
  /** Shows every open page of Oriel the new state, and every granted document a new model. */
  changed(): Promise<void>;
}

/** What a page is told without a grant. */
const unknownModel = 'default';

export function createServe(deps: ServeDeps): Serve {
  const { grants, connections, now } = deps;
  const pages = new Map<ChannelServer<PageEvent>, PageIdentity>();
  const screens = new Set<ChannelServer<UiEvent>>();
  let lastModel: string | undefined;
  let isPushing = false;
  let isStale = false;

  const isGrantedTo = async (page: PageIdentity) => isGranted(await grants.stateOf(page), now());
  const activeModel = async () => (await connections.active())?.defaultModel ?? unknownModel;

  const handlePage = (page: PageIdentity) => async (call: PageCall, reply: Reply) => {
    switch (call.type) {
      case 'generate':
        return handleRequest(call.request, page, reply, deps);
      case 'current-model':
        return (await isGrantedTo(page)) ? activeModel() : unknownModel;
      default:
        return assertNever(call);
    }
  };

  const push = async () => {
    const model = await activeModel();
    if (lastModel !== undefined && lastModel !== model) {
      for (const [channel, page] of pages) if (await isGrantedTo(page)) channel.push({ type: 'model-changed', model });
    }
    lastModel = model;
    if (screens.size === 0) return;
    const overview = await deps.overview();
    for (const screen of screens) screen.push({ type: 'overview', overview });
  };

  /** One push at a time; what changes meanwhile is in the next one. */
  const changed = async () => {
    isStale = true;
    if (isPushing) return;
    isPushing = true;
    try {
      while (isStale) {
        isStale = false;
        await push();
      }
    } finally {
      isPushing = false;
    }
  };

  const servePage = (port: ChannelPort, page: PageIdentity) => {
    const channel = serveChannel<PageCall, PageEvent>(port, {
      parse: parsePageFrame,
      handle: handlePage(page),
      toError: reported(toPageError),
      onClose: () => pages.delete(channel),
    });
    pages.set(channel, page);
  };

  const serveScreen = (port: ChannelPort) => {
    const channel = serveChannel<UiCall, UiEvent>(port, {
      parse: parseUiFrame,
      handle: deps.uiApi,
      toError: reported(toPersonError),
      onClose: () => screens.delete(channel),
    });
    screens.add(channel);
  };

  void activeModel().then((model) => {
    lastModel ??= model;
  });

  return {
    changed,
    connect(port) {
      const identity = identify(port.sender, deps.own);
      switch (identity.type) {
        case 'page':
          return servePage(port, identity);
        case 'ui':
          return serveScreen(port);
        case 'engine':
          return deps.engineConnected(port);
        case 'nobody':
          return refuse(port);
        default:
          return assertNever(identity);
      }
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
      throw new AiError('not-allowed', 'This document has no origin that could be granted anything.');
    },
    toError: toPageError,
  });
}
