/** Searches the model hub, and shows the files of what was found. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { HubFile, HubRepository } from '../../../protocol/device-messages';
import { useApp } from '../../context';
import { FaultNotice } from '../../FaultNotice';
import { bytes, count } from '../../format';
import { plainLine } from '../../plain-text';
import { Button } from '../../ui/Button';
import { Disclosure } from '../../ui/Disclosure';
import { Field } from '../../ui/Field';
import { useAction } from '../../use-action';
import { isChecked, type Offer } from './offer';

interface HubSearchProps {
  readonly ask: (offer: Offer) => void;
  readonly onAdded: (modelId: string) => void;
}

const maxQuery = 100;

function Repository({ repository, ask, onAdded }: HubSearchProps & { readonly repository: HubRepository }) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [files, setFiles] = useState<readonly HubFile[]>();
  const { id, downloads, licence } = repository;
  const facts = [
    downloads === undefined ? '' : i18n.t('models.downloads', { count: count(downloads) }),
    licence === undefined ? '' : i18n.t('device.licence', { licence: plainLine(licence) }),
  ].filter((fact) => fact !== '');
  const offer = (file: HubFile): Offer => ({
    ...{ name: file.name, url: file.url, bytes: file.bytes, licence, isChecked: isChecked(file) },
    accept: () => run(() => client.call('device-add', { ...file, licence }).then(({ modelId }) => onAdded(modelId))),
  });
  return (
    <li class="hub-repository">
      <div class="hub-line">
        <div>
          <h3>{plainLine(id)}</h3>
          <p class="soft small">{facts.join(' · ')}</p>
        </div>
        {!files && (
          <Button size="small" dead={busy} onClick={() => run(() => client.call('hub-files', { repository: id }).then(setFiles))}>
            {busy ? i18n.t('models.searching') : i18n.t('models.files')}
          </Button>
        )}
      </div>
      {failure && <FaultNotice live error={failure} context={{ name: i18n.t('models.hub') }} />}
      {files?.length === 0 && <p class="soft small">{i18n.t('models.noFiles')}</p>}
      {files && files.length > 0 && (
        <ul class="stack">
          {files.map((file) => (
            <li key={file.url} class="hub-line">
              <p class="small hub-file">
                {plainLine(file.name)} <span class="soft">{bytes(file.bytes)}</span>
              </p>
              <Button size="small" onClick={() => ask(offer(file))}>
                {i18n.t('models.download')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

export function HubSearch(props: HubSearchProps) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<readonly HubRepository[]>();
  const search = () => run(() => client.call('hub-search', { query: query.trim() }).then(setFound));
  return (
    <Disclosure label={i18n.t('models.search')}>
      <form
        class="form models-way"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (query.trim() !== '') search();
        }}
      >
        <Field
          label={i18n.t('models.query')}
          value={query}
          onValue={setQuery}
          hint={i18n.t('models.queryHint')}
          maxLength={maxQuery}
        />
        <div class="row">
          <Button type="submit" dead={busy || query.trim() === ''}>
            {busy ? i18n.t('models.searching') : i18n.t('models.searchNow')}
          </Button>
        </div>
        {failure && <FaultNotice live error={failure} context={{ name: i18n.t('models.hub') }} />}
        <p class="soft small" role="status">
          {found &&
            !busy &&
            (found.length === 0 ? i18n.t('models.nothingFound') : i18n.t('models.found', { count: found.length }))}
        </p>
        {found && found.length > 0 && (
          <ul class="hub-found">
            {found.map((repository) => (
              <Repository key={repository.id} repository={repository} {...props} />
            ))}
          </ul>
        )}
      </form>
    </Disclosure>
  );
}
