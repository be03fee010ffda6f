import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { createDownloads } from '../background/downloads';
import { offer } from '../background/on-demand';
import { createScreens } from '../background/screens';

/** The part of the background that serves Oriel's own pages. */
export default defineUnlistedScript(() => offer('screens', { createScreens, createDownloads }));
