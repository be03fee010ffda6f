/** A connection that was saved and does not answer: why, and the fields to mend it. */

import { useId } from 'preact/hooks';
import { i18n } from '#i18n';
import type { PersonError } from '../../protocol/errors';
import type { ConnectionView } from '../../protocol/ui-messages';
import { rowOf } from '../../providers/catalog';
import { ConnectionForm } from '../options/ConnectionForm';
import type { Connected } from '../options/use-connection-form';
import { plainLine } from '../plain-text';
import { Heading } from './Heading';

interface UnfinishedProps {
  readonly connection: ConnectionView;
  readonly error: PersonError;
  /** A press on this page led here. */
  readonly focused: boolean;
  readonly onConnected: (test: Connected) => void;
  /** Back to the doors; it stays saved. */
  readonly onClose: () => void;
}

export function Unfinished({ connection, error, focused, onConnected, onClose }: UnfinishedProps) {
  const id = useId();
  const row = rowOf(connection.providerId);
  if (!row) return null;
  return (
    <section class="card door-panel" aria-labelledby={id}>
      <Heading level="h2" id={id} focused={focused}>
        {i18n.t('welcome.unfinished', { name: plainLine(connection.name) })}
      </Heading>
      <ConnectionForm
        row={row}
        connection={connection}
        failed={error}
        onSaved={() => undefined}
        onConnected={onConnected}
        onClose={onClose}
      />
    </section>
  );
}
