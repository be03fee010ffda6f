import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { readBaseUrl } from '../background/address';
import { createLocalServers } from '../background/local-servers';
import { offer } from '../background/on-demand';
import { checkedOptions } from '../background/own-headers';
import { createSignIn } from '../background/sign-in';
import { createTransfer } from '../background/transfer';

/** The part of the background for what a person does once in a while: to find a server, to connect it, to sign in, to take a file in or out. */
export default defineUnlistedScript(() =>
  offer('setup', { checkedOptions, createLocalServers, createSignIn, createTransfer, readBaseUrl }),
);
