/** The form of one connection: its fields, what went wrong, and **Connect**. */

import { useEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { PersonError } from '../../protocol/errors';
import type { ConnectionView } from '../../protocol/ui-messages';
import type { CatalogRow } from '../../providers/provider';
import { useApp } from '../context';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { providerName } from '../provider-name';
import { hostOf } from '../site-name';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';
import { FormFields } from './FormFields';
import { completeAddress } from './form-values';
import { SignedIn, SignInFailure, SignInFields } from './SignIn';
import { focusFirstWrong } from './settings/focus-first-wrong';
import { UnlistedModel } from './UnlistedModel';
import { type Connected, useConnectionForm } from './use-connection-form';

interface ConnectionFormProps {
  readonly row: CatalogRow;
  readonly connection: ConnectionView | undefined;
  /** It was saved although its test failed. */
  readonly onSaved: () => void;
  readonly onClose: () => void;
  /** It answers; absent: closing is all that is done then. */
  readonly onConnected?: (test: Connected) => void;
  /** How its test failed, where the form opens because of that. */
  readonly failed?: PersonError;
}

export function ConnectionForm({ row, connection, onSaved, onClose, onConnected, failed }: ConnectionFormProps) {
  const form = useConnectionForm({ row, connection, onSaved, onClose, onConnected, failed });
  const { values, set, errors, busy, failure, savedId, unlistedModel } = form;
  const saved = useApp().client.overview.value?.connections.find(({ id }) => id === savedId);
  const element = useRef<HTMLFormElement>(null);
  const address = row.address.type === 'fixed' ? row.address.baseUrl : completeAddress(values.baseUrl);

  useEffect(() => {
    if (Object.keys(errors).length > 0 && element.current) focusFirstWrong(element.current);
  }, [errors]);

  const problem = failure && (failure.isSaved || !failure.isSignIn) && (
    <FaultNotice
      live
      error={failure.error}
      context={saved ? contextOf(saved) : { name: values.name.trim() || providerName(row) }}
    >
      <p class="soft small">{failure.isSaved ? i18n.t('form.keptAfterFailure') : i18n.t('form.notSaved')}</p>
    </FaultNotice>
  );

  if (form.signedIn) {
    return <SignedIn row={row} name={values.name.trim() || providerName(row)} test={form.signedIn} onClose={onClose} />;
  }

  return (
    <form
      class="form"
      ref={element}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      {/* Where the form is there because of it, it says first what it is for. */}
      {failed && problem}
      {row.signIn && (
        <>
          <SignInFields row={row} hasKey={saved?.keyEnding !== undefined} busy={busy} onSignIn={form.signIn} />
          <p class="soft">{i18n.t('signIn.orKey')}</p>
        </>
      )}
      <FormFields row={row} connection={connection} values={values} set={set} errors={errors} host={hostOf(address)} />
      {failure?.isSignIn && !failure.isSaved && <SignInFailure row={row} error={failure.error} />}
      {!failed && problem}
      {unlistedModel !== undefined && (
        <Notice kind="caution" live>
          <p>{i18n.t('form.savedAndWorks')}</p>
          <UnlistedModel model={unlistedModel} />
        </Notice>
      )}
      <div class="dialog-actions">
        <Button onClick={onClose}>
          {failure?.isSaved || unlistedModel !== undefined ? i18n.t('common.close') : i18n.t('common.cancel')}
        </Button>
        <Button type="submit" kind="primary" dead={busy !== undefined}>
          {busy === 'connecting' ? i18n.t('form.connecting') : i18n.t('form.connect')}
        </Button>
      </div>
    </form>
  );
}
