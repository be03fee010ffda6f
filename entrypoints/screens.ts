import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { tryDisk } from '../background/disk-room';
import { offer } from '../background/on-demand';
import { createScreens } from '../background/screens';
import { createMark } from '../background/store-loss';
import { createHasher } from '../ondevice/hasher';
import { deviceModels, hubOrigin } from '../ondevice/model-list';
import { createModelStore } from '../ondevice/model-store';

/** The part of the background that serves Oriel's own pages. */
export default defineUnlistedScript(() => {
  const device = {
    shelf: deviceModels,
    store: createModelStore(createHasher),
    hubOrigin,
    estimate: () => navigator.storage.estimate(),
    tryDisk: () => tryDisk(navigator.storage),
    mark: createMark(navigator.storage),
    wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  offer('screens', { createScreens: (deps) => createScreens(deps, device) });
});
