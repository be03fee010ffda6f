import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { createDownloads } from '../background/downloads';
import { offer } from '../background/on-demand';
import { createScreens } from '../background/screens';
import { createSetAside } from '../background/set-aside';
import { createStore } from '../background/store';
import { createModelStore } from '../ondevice/model-store';

/** The part of the background that serves Oriel's own pages. */
export default defineUnlistedScript(() =>
  offer('screens', { createScreens, createDownloads, createModelStore, createSetAside, createStore }),
);
