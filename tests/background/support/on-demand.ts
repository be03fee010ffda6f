/** What the background loads when it needs it, there from the start. */
import { createLocalServers } from '../../../background/local-servers';
import type { LoadOnDemand } from '../../../background/on-demand';
import { createSignIn } from '../../../background/sign-in';
import { createTransfer } from '../../../background/transfer';
import { createHasher } from '../../../ondevice/hasher';
import { createProvider } from '../../../providers/create-provider';

export const onDemand: LoadOnDemand = async () => ({
  ...{ createProvider, createHasher, createLocalServers, createSignIn, createTransfer },
});
