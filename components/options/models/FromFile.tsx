/** Brings a model file of this computer into the browser's storage. */

import { useId, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../../context';
import { FaultNotice } from '../../FaultNotice';
import { bytes } from '../../format';
import { Button } from '../../ui/Button';
import { Disclosure } from '../../ui/Disclosure';
import { useAction } from '../../use-action';

/** Resolves to the model's id; nothing stays of one that failed. */
export type ImportModel = (file: File, onProgress: (receivedBytes: number) => void, signal: AbortSignal) => Promise<string>;

interface FromFileProps {
  readonly importModel: ImportModel;
  readonly onImported: (modelId: string) => void;
}

export function FromFile({ importModel, onImported }: FromFileProps) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [file, setFile] = useState<File>();
  const [received, setReceived] = useState(0);
  const abort = useRef<AbortController>(undefined);
  const id = useId();
  const start = () =>
    run(async () => {
      if (!file) return;
      abort.current = new AbortController();
      setReceived(0);
      const modelId = await importModel(file, setReceived, abort.current.signal);
      onImported(modelId);
      await client.call('device-imported', {});
    });
  return (
    <Disclosure label={i18n.t('models.fromFile')}>
      <form
        class="form models-way"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <div class="field">
          <label class="field-label" for={id}>
            {i18n.t('models.file')}
          </label>
          <input id={id} type="file" accept=".gguf" onChange={(event) => setFile(event.currentTarget.files?.[0])} />
          <p class="field-hint">{i18n.t('models.fileHint')}</p>
        </div>
        {failure && failure.code !== 'aborted' && (
          <FaultNotice live error={failure} context={{ name: file?.name ?? '', onDevice: true }} />
        )}
        {busy && file && (
          <div class="stack">
            <progress class="progress" value={received} max={file.size} aria-label={i18n.t('models.copying')} />
            <p class="soft small">
              {received < file.size
                ? i18n.t('device.progress', { received: bytes(received), total: bytes(file.size) })
                : i18n.t('device.checking')}
            </p>
          </div>
        )}
        <div class="row">
          <Button type="submit" dead={busy || !file}>
            {busy ? i18n.t('models.copying') : i18n.t('models.copy')}
          </Button>
          {busy && (
            <Button kind="quiet" onClick={() => abort.current?.abort()}>
              {i18n.t('common.cancel')}
            </Button>
          )}
        </div>
      </form>
    </Disclosure>
  );
}
