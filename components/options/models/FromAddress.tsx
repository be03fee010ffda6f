/** Brings a model file from an address that the person knows. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { partsOf } from '../../../protocol/model-parts';
import { useApp } from '../../context';
import { FaultNotice } from '../../FaultNotice';
import { Button } from '../../ui/Button';
import { Disclosure } from '../../ui/Disclosure';
import { Field } from '../../ui/Field';
import { useAction } from '../../use-action';
import { isChecked, type Offer } from './offer';

interface FromAddressProps {
  readonly ask: (offer: Offer) => void;
  readonly onAdded: (modelId: string) => void;
}

const longestAddress = 2048;

const nameOf = (url: string): string => {
  const last = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
  return (partsOf(last)?.whole ?? last).replace(/\.gguf$/i, '').slice(0, 100) || new URL(url).host;
};

export function FromAddress({ ask, onAdded }: FromAddressProps) {
  const { client } = useApp();
  const { run, busy, failure } = useAction();
  const [address, setAddress] = useState('');
  const [checksum, setChecksum] = useState('');
  const url = address.trim();
  const sha256 = checksum.trim().toLowerCase();
  const isAddress = URL.canParse(url) && /^https?:/.test(url);
  const isChecksum = sha256 === '' || /^[0-9a-f]{64}$/.test(sha256);
  const look = () =>
    run(async () => {
      const { bytes, parts } = await client.call('device-measure', { url });
      const sum = sha256 === '' ? {} : { sha256 };
      // A checksum is that of the file at the address.
      const files = parts ? { parts: parts.map((part) => ({ ...part, ...(part.url === url && sum) })) } : sum;
      const file = { url: parts?.[0]?.url ?? url, bytes, name: nameOf(url), ...files };
      ask({
        ...{ ...file, bytes, licence: undefined, isChecked: isChecked(file) },
        accept: () => run(() => client.call('device-add', file).then(({ modelId }) => onAdded(modelId))),
      });
    });
  return (
    <Disclosure label={i18n.t('models.fromAddress')}>
      <form
        class="form models-way"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isAddress && isChecksum) look();
        }}
      >
        <Field
          label={i18n.t('models.address')}
          kind="address"
          value={address}
          onValue={setAddress}
          maxLength={longestAddress}
          error={url !== '' && !isAddress ? i18n.t('models.notAddress') : undefined}
        />
        <Field
          label={i18n.t('models.checksum')}
          value={checksum}
          onValue={setChecksum}
          hint={i18n.t('models.checksumHint')}
          error={
            isChecksum ? (failure?.field === 'sha256' ? i18n.t('models.needsChecksum') : undefined) : i18n.t('models.notChecksum')
          }
        />
        {failure && failure.field !== 'sha256' && (
          <FaultNotice live error={failure} context={{ name: isAddress ? new URL(url).host : url, onDevice: true }} />
        )}
        <div class="row">
          <Button type="submit" dead={busy || !isAddress || !isChecksum}>
            {busy ? i18n.t('models.looking') : i18n.t('models.look')}
          </Button>
        </div>
      </form>
    </Disclosure>
  );
}
