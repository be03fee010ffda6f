/** The models of a connection: what its backend named last at once, and what it names now as soon as it has answered. */

import { useState } from 'preact/hooks';
import { type PersonError, toPersonError } from '../protocol/errors';
import type { ModelInfo } from '../protocol/generate';
import type { ConnectionView } from '../protocol/ui-messages';
import { useApp } from './context';

export interface ModelList {
  readonly models?: readonly ModelInfo[] | undefined;
  readonly isAsking: boolean;
  /** Why the backend did not tell. */
  readonly error?: PersonError | undefined;
}

/** Asked when it is first wanted, and again where that failed. */
export function useModelList(connection: ConnectionView) {
  const { client } = useApp();
  const [list, setList] = useState<ModelList>();
  const ask = () => {
    if (list !== undefined && list.error === undefined) return;
    setList((old) => ({ models: old?.models, isAsking: true }));
    const { id } = connection;
    client.call('models-known', { id }).then(
      // Too late where the backend was faster.
      (models) => setList((old) => (models && old?.isAsking && !old.models ? { models, isAsking: true } : old)),
      () => undefined, // The backend's own answer counts.
    );
    client.call('models', { id }).then(
      (models) => setList({ models, isAsking: false }),
      (error: unknown) => setList((old) => ({ models: old?.models, isAsking: false, error: toPersonError(error) })),
    );
  };
  return { list, ask };
}
