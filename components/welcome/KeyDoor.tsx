/** The third door: one field for a key or an address. What it is, is told by its look; the person says only what that leaves open. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { limits } from '../../protocol/limits';
import { keyedRows } from '../../providers/catalog/key-forms';
import type { CatalogRow } from '../../providers/provider';
import { FaultNotice } from '../FaultNotice';
import { CapLink } from '../options/CapLink';
import { addressHost } from '../place-text';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import { Select } from '../ui/Select';
import type { DoorProps } from './Doors';
import { recognise, type Typed } from './recognise';
import { useKeyDoor } from './use-key-door';

/** Where a key is made. */
const KeyPage = ({ row: { keyPage, name: provider } }: { readonly row: CatalogRow }) =>
  keyPage === undefined ? null : (
    <p>
      <a href={keyPage} target="_blank" rel="noreferrer">
        {i18n.t('form.keyPage', { provider })}
      </a>
    </p>
  );

/** What was recognised, as it is typed; read out when it changes. */
function Recognised({ typed, row }: { readonly typed: Typed; readonly row: CatalogRow | undefined }) {
  const host = row && addressHost({ providerId: row.id });
  return (
    <div role="status" class="recognised small">
      {typed.type === 'key' && row && host !== undefined && (
        <>
          <p>{i18n.t('welcome.isKey', { provider: row.name, host })}</p>
          <CapLink row={row} />
          {row.keyPage !== row.cap?.page && <KeyPage row={row} />}
        </>
      )}
      {typed.type === 'address' && <p>{i18n.t('welcome.isAddress', { host: typed.host })}</p>}
      {typed.type === 'vendor' && (
        <>
          <p>{i18n.t('welcome.isVendor', { provider: typed.row.name })}</p>
          <KeyPage row={typed.row} />
        </>
      )}
    </div>
  );
}

interface WhoseProps {
  readonly rows: readonly CatalogRow[];
  readonly chosen: string;
  readonly onChosen: (providerId: string) => void;
  readonly error: string | undefined;
}

/** Those whose keys look so come first; all others may have changed how theirs look. */
function Whose({ rows, chosen, onChosen, error }: WhoseProps) {
  const sorted = [...rows, ...keyedRows.filter((row) => !rows.includes(row))];
  return (
    <Select
      label={i18n.t('welcome.whose')}
      value={chosen}
      options={[{ value: '', text: i18n.t('welcome.choose') }, ...sorted.map(({ id, name }) => ({ value: id, text: name }))]}
      onValue={onChosen}
      error={error}
      hint={rows.length > 0 ? i18n.t('welcome.several') : i18n.t('welcome.unknownKey')}
    />
  );
}

export function KeyDoor({ onAdded }: DoorProps) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState('');
  const [isTried, setTried] = useState(false);
  const typed = recognise(text);
  const certain = typed.type === 'key' && typed.rows.length === 1 ? typed.rows[0] : undefined;
  const row = certain ?? (typed.type === 'key' ? keyedRows.find(({ id }) => id === chosen) : undefined);
  const door = useKeyDoor(onAdded);

  const submit = () => {
    setTried(true);
    if (typed.type === 'address') door.connectServer(typed.address);
    else if (typed.type === 'key' && row) door.connect({ providerId: row.id, name: row.name, key: typed.key });
  };
  const missing = isTried && typed.type === 'nothing' ? i18n.t('welcome.missing') : door.fieldError;

  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={i18n.t('welcome.keyOrAddress')}
        kind={typed.type === 'key' ? 'secret' : 'address'}
        value={text}
        onValue={(value) => {
          setText(value);
          setTried(false);
          door.reset();
        }}
        error={missing}
        hint={i18n.t('welcome.keyHint')}
        maxLength={limits.keyChars}
        focused
      />
      {typed.type === 'key' && !certain && (
        <Whose
          rows={typed.rows}
          chosen={chosen}
          onChosen={setChosen}
          error={isTried && !row ? i18n.t('welcome.whoseMissing') : undefined}
        />
      )}
      <Recognised typed={typed} row={row} />
      {door.found && typed.type === 'address' && (
        <Notice kind="problem" live>
          <p class="notice-title">
            {door.found === 'nothing'
              ? i18n.t('welcome.nothingThere', { host: typed.host })
              : i18n.t('welcome.unknownThere', { host: typed.host })}
          </p>
          <p>{door.found === 'nothing' ? i18n.t('welcome.nothingThereTodo') : i18n.t('welcome.unknownThereTodo')}</p>
          {door.found === 'unknown' && (
            <a href="options.html#connections/add" target="_blank" rel="noreferrer">
              {i18n.t('welcome.fullForm')}
            </a>
          )}
        </Notice>
      )}
      {door.failure && door.fieldError === undefined && (
        <FaultNotice live error={door.failure} context={{ name: i18n.t('extName') }} />
      )}
      <div class="row">
        <Button type="submit" kind="primary" dead={door.busy}>
          {door.busy ? i18n.t('form.connecting') : i18n.t('form.connect')}
        </Button>
      </div>
    </form>
  );
}
