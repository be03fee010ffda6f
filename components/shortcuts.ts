/** The keys that do something in any page: what they are now, and where the person changes them. */

/** The person may have changed it, or given it none. */
export interface Shortcut {
  readonly does: 'open-popup' | 'toggle-chat';
  /** As the browser writes it on this computer: `Alt+Shift+O`. */
  readonly keys: string;
}

export interface Shortcuts {
  /** Those that are set. */
  all(): Promise<readonly Shortcut[]>;
  /** Shows the browser's page where they are changed; absent where it lets no extension open that. */
  readonly open?: (() => Promise<unknown>) | undefined;
}

interface Commands {
  getAll(): Promise<readonly { name?: string; shortcut?: string }[]>;
  /** In Firefox from version 137 on. */
  openShortcutSettings?(): Promise<void>;
}

/** @param openTab may open Chromium's own page, and no page of Firefox */
export function createShortcuts(commands: Commands, openTab: (url: string) => Promise<unknown>, isChromium: boolean): Shortcuts {
  const open = isChromium ? () => openTab('chrome://extensions/shortcuts') : commands.openShortcutSettings;
  return {
    async all() {
      return (await commands.getAll()).flatMap(({ name, shortcut }) =>
        shortcut ? [{ does: name === '_execute_action' ? 'open-popup' : 'toggle-chat', keys: shortcut }] : [],
      );
    },
    open: open && (() => open()),
  };
}
