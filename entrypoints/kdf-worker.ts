import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { createKey, deriveKey } from '../background/kdf';
import type { KdfAnswer, KdfCall } from '../protocol/kdf-messages';

/** A worker of the page that asks for a passphrase: the page stays usable, and the background is not touched at all. */
export default defineUnlistedScript(() => {
  const answer = (message: KdfAnswer) => postMessage(message);
  addEventListener('message', ({ data }: MessageEvent<KdfCall>) => {
    const work =
      data.type === 'create'
        ? createKey(data.passphrase, () => performance.now())
        : deriveKey(data.passphrase, data.parameters).then((key) => ({ key, parameters: data.parameters }));
    work.then(
      (made) => answer({ type: 'key', ...made }),
      () => answer({ type: 'failed' }),
    );
  });
});
