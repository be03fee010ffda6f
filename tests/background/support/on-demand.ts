/** What the background loads when it needs it, there from the start. */
import { createDownloads } from '../../../background/downloads';
import { createLocalServers } from '../../../background/local-servers';
import type { OnDemand } from '../../../background/on-demand';
import { createScreens } from '../../../background/screens';
import { createSignIn } from '../../../background/sign-in';
import { createTransfer } from '../../../background/transfer';
import { createHasher } from '../../../ondevice/hasher';
import { createProvider } from '../../../providers/create-provider';

export const onDemand: OnDemand = {
  backends: async () => ({ createProvider, createHasher, createLocalServers, createSignIn, createTransfer }),
  screens: async () => ({ createScreens, createDownloads }),
};
