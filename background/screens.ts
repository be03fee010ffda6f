/** Serves Oriel's own pages: reads their calls, does what they ask, and assembles what they show. Loaded when the first of them connects. */

import type { Reply } from '../protocol/channel';
import { AiError } from '../protocol/errors';
import type { UnreadUiCall } from '../protocol/ui-frames';
import { parseUiCall } from '../protocol/ui-inputs';
import type { Overview } from '../protocol/ui-messages';
import type { Database } from './database';
import { createKeptChat } from './kept-chat';
import { assembleOverview, type OverviewDeps } from './overview';
import { createUiApi, type UiDeps } from './ui-api';

export interface Screens {
  /** @throws AiError `invalid-request` where the closed table has no such operation, or its schema refuses the input */
  handle(call: UnreadUiCall, reply: Reply): Promise<unknown>;
  overview(): Promise<Overview>;
}

type ScreensDeps = Omit<UiDeps, 'keptChat'> & OverviewDeps & { readonly database: Database };

export function createScreens(deps: ScreensDeps): Screens {
  const uiApi = createUiApi({ ...deps, keptChat: createKeptChat(deps) });
  return {
    async handle(unread, reply) {
      const call = parseUiCall(unread);
      if (!call) throw new AiError('invalid-request', 'There is no such operation, or its input is wrong.');
      return uiApi(call, reply);
    },
    overview: () => assembleOverview(deps),
  };
}
