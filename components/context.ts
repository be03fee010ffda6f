/** Hands client and shell to the screens, so that they can be run against a fake background. */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Client, Shell } from './client';

export interface App {
  readonly client: Client;
  readonly shell: Shell;
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('A screen was rendered outside of AppContext.');
  return app;
}
