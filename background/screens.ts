/** Serves Oriel's own pages: reads their calls, does what they ask, and assembles what they show. Loaded when the first of them connects. */

import type { DexieConstructor } from 'dexie';
import type { Reply } from '../protocol/channel';
import type { DeviceModel, ModelStore } from '../protocol/engine';
import { AiError } from '../protocol/errors';
import type { UnreadUiCall } from '../protocol/ui-frames';
import { parseUiCall } from '../protocol/ui-inputs';
import type { Overview } from '../protocol/ui-messages';
import { createModelHub } from '../providers/model-hub';
import type { Area } from './browser-api';
import type { Database } from './database';
import type { Trial } from './disk-room';
import { createDownloads } from './downloads';
import type { Egress } from './egress';
import type { KeepAlive } from './keep-alive';
import { createKeptChat } from './kept-chat';
import { createModelLists } from './model-lists';
import { assembleOverview, type OverviewDeps } from './overview';
import { createStore } from './store';
import { createStoreLoss, type Mark } from './store-loss';
import { createUiApi, type UiDeps } from './ui-api';
import { createUnreadableRows } from './unreadable-rows';

export interface Screens {
  /** @throws AiError `invalid-request` where the closed table has no such operation, or its schema refuses the input */
  handle(call: UnreadUiCall, reply: Reply): Promise<unknown>;
  overview(): Promise<Overview>;
}

/** What the background brings. */
export type ScreensDeps = Omit<
  UiDeps & OverviewDeps,
  'downloads' | 'hub' | 'store' | 'loss' | 'aside' | 'keptChat' | 'models'
> & {
  readonly Dexie: DexieConstructor;
  readonly database: Database;
  readonly egress: Pick<Egress, 'download'>;
  readonly keepAlive: KeepAlive;
  readonly session: Area;
  readonly onChange: () => void;
};

/** What comes with this part: the models that can be had, and where they are kept. */
export interface DeviceParts {
  readonly shelf: readonly DeviceModel[];
  readonly store: ModelStore;
  /** Of the model hub, without a slash at its end. */
  readonly hubOrigin: string;
  readonly estimate: () => Promise<StorageEstimate>;
  readonly tryDisk: () => Promise<Trial>;
  readonly mark: Mark;
  readonly wait: (ms: number) => Promise<void>;
}

export function createScreens(from: ScreensDeps, { hubOrigin, ...device }: DeviceParts): Screens {
  const downloads = createDownloads({ ...from, ...device });
  const aside = createUnreadableRows(from.Dexie);
  const loss = createStoreLoss({ ...from, mark: device.mark });
  const deps = {
    ...from,
    downloads,
    aside,
    loss,
    models: createModelLists(from),
    store: createStore({ ...from, aside, loss, tryDisk: device.tryDisk }),
    keptChat: createKeptChat(from),
    hub: createModelHub(hubOrigin, from.egress.download),
  };
  const uiApi = createUiApi(deps);
  return {
    async handle(unread, reply) {
      const call = parseUiCall(unread);
      if (!call) throw new AiError('invalid-request', 'There is no such operation, or its input is wrong.');
      return uiApi(call, reply);
    },
    overview: () => assembleOverview(deps),
  };
}
