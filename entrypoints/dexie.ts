import Dexie from 'dexie';
import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { offer } from '../background/on-demand';

/** The library of the database, which the background of Firefox has beside it (wxt.config.ts). */
export default defineUnlistedScript({ include: ['firefox'], main: () => offer('dexie', Dexie) });
