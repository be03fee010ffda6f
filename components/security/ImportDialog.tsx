/** Takes an exported file over, after it has shown where each of its connections would send what is asked. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { limits } from '../../protocol/limits';
import type { ImportPreview } from '../../protocol/vault-messages';
import { useApp } from '../context';
import { list } from '../language';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Field } from '../ui/Field';
import { type Action, useAction } from '../use-action';
import { VaultFault } from './VaultFault';
import { readImport, tooLarge } from './vault-calls';

interface Opened {
  readonly file: string;
  readonly key: string;
  readonly preview: ImportPreview;
}

interface ChooseProps {
  readonly action: Action;
  readonly onOpened: (opened: Opened) => void;
  readonly onClose: () => void;
}

function ChooseFile({ action: { run, busy, failure }, onOpened, onClose }: ChooseProps) {
  const app = useApp();
  const [file, setFile] = useState<File>();
  const [passphrase, setPassphrase] = useState('');
  const open = () =>
    run(async () => {
      if (!file || file.size > limits.importChars) throw tooLarge();
      const text = await file.text();
      onOpened({ file: text, ...(await readImport(app, text, passphrase)) });
    });
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        open();
      }}
    >
      <div class="field">
        <label class="field-label" for="import-file">
          {i18n.t('security.file')}
        </label>
        <input id="import-file" type="file" accept=".json" onChange={(event) => setFile(event.currentTarget.files?.[0])} />
      </div>
      <Field label={i18n.t('security.filePassphrase')} kind="secret" value={passphrase} onValue={setPassphrase} />
      <VaultFault error={failure} />
      <div class="dialog-actions">
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button type="submit" kind="primary" dead={busy || !file || passphrase === ''}>
          {busy ? i18n.t('security.working') : i18n.t('security.openFile')}
        </Button>
      </div>
    </form>
  );
}

function Contents({ preview: { connections, sites } }: { readonly preview: ImportPreview }) {
  return (
    <>
      <p>{i18n.t('security.importBody')}</p>
      <ul class="import-list">
        {connections.map(({ name, providerName, host, hasKey }, index) => (
          <li key={index}>
            <span class="fact-strong">{plainLine(name)}</span> {plainLine(providerName)}
            <br />
            <span class="soft">
              {host === undefined ? i18n.t('place.thisComputer') : i18n.t('security.sendsTo', { host })}
              {hasKey && ` · ${i18n.t('security.withKey')}`}
            </span>
          </li>
        ))}
      </ul>
      {sites.length > 0 && <p class="soft small">{list(sites)}</p>}
    </>
  );
}

export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, shell } = useApp();
  const action = useAction();
  const { run, busy, failure } = action;
  const [opened, setOpened] = useState<Opened>();
  const [withSites, setWithSites] = useState(false);
  const takeOver = async ({ file, key, preview }: Opened) => {
    // Who says no has the connections all the same: they say so when they are used.
    if (preview.connections.some(({ host }) => host !== undefined)) await shell.askToTransmit();
    await client.call('vault-import', { file, key, withSites });
  };
  return (
    <Dialog title={i18n.t('security.importTitle')} onClose={onClose}>
      {!opened && <ChooseFile action={action} onOpened={setOpened} onClose={onClose} />}
      {opened && (
        <div class="form">
          <Contents preview={opened.preview} />
          {opened.preview.sites.length > 0 && (
            <label class="check">
              <input type="checkbox" checked={withSites} onChange={(event) => setWithSites(event.currentTarget.checked)} />
              {i18n.t('security.takeSites')}
            </label>
          )}
          <VaultFault error={failure} />
          <div class="dialog-actions">
            <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
            <Button kind="primary" dead={busy} onClick={() => run(() => takeOver(opened).then(onClose))}>
              {i18n.t('security.import')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
