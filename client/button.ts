/**
 * `<oriel-button>`: one button that leads a visitor to "this page may use my AI", from wherever they are: without Oriel, without a permission, after
 * a refusal. It draws itself in a shadow root; a page sets `--oriel-accent`, `--oriel-on-accent` and `--oriel-radius`, and the font is the page's.
 */

import { markOf, styles } from './button-look';
import { onOriel } from './get-oriel';
import type { Oriel, Permission, Wish } from './types';

export type OrielButtonState =
  /** The visitor does not have Oriel: it is a link to where they get it. */
  | 'missing'
  | 'ready'
  /** The visitor is being asked. */
  | 'asking'
  | 'connected'
  | 'refused';

/** What the button says in each of its states, for pages in other languages. */
export type OrielButtonLabels = Readonly<Record<OrielButtonState | 'installed', string>>;

const english: OrielButtonLabels = {
  missing: 'Get Oriel to use your own AI',
  installed: 'Installed it? Reload this page',
  ready: 'Use your own AI',
  asking: 'Waiting for your approval…',
  connected: 'Using your own AI',
  refused: 'Not allowed. Ask again',
};

export interface OrielButtonElement extends HTMLElement {
  readonly state: OrielButtonState;
  /** While the visitor lets the page use their AI. */
  readonly oriel: Oriel | undefined;
  labels: OrielButtonLabels;
}

/** Of the event `connect`. It bubbles, and comes by itself where the visitor has allowed the site before. */
export interface OrielConnectDetail {
  readonly oriel: Oriel;
  readonly permission: Permission;
}

export interface OrielButtonOptions {
  /** Where a visitor gets Oriel. The attribute `install-url` of one button comes first. */
  readonly installUrl: string;
  /** @defaultValue `oriel-button` */
  readonly tag?: string;
}

/** Registers the element; a second call under the same name does nothing. @returns whether it is there now: not on a server */
export function defineOrielButton({ installUrl, tag = 'oriel-button' }: OrielButtonOptions): boolean {
  if (typeof customElements === 'undefined') return false;
  if (!customElements.get(tag)) customElements.define(tag, createElementClass(installUrl));
  return true;
}

/** Made when it is asked for: a module that extends HTMLElement at once cannot be imported on a server. */
function createElementClass(installUrl: string): CustomElementConstructor {
  return class extends HTMLElement implements OrielButtonElement {
    readonly #controls = document.createElement('span');
    readonly #status = document.createElement('span');
    #state: OrielButtonState = 'missing';
    #labels = english;
    #found: Oriel | undefined;
    /** The visitor followed the link. */
    #hasLeft = false;
    #stop: (() => void) | undefined;

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open' });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      root.adoptedStyleSheets = [sheet];
      this.#controls.className = 'controls';
      this.#status.className = 'status';
      this.#status.setAttribute('role', 'status');
      root.append(this.#controls, this.#status);
    }

    get state(): OrielButtonState {
      return this.#state;
    }

    get oriel(): Oriel | undefined {
      return this.#state === 'connected' ? this.#found : undefined;
    }

    get labels(): OrielButtonLabels {
      return this.#labels;
    }

    set labels(labels: OrielButtonLabels) {
      this.#labels = labels;
      this.#draw();
    }

    connectedCallback(): void {
      this.#draw();
      const stop = onOriel((oriel) => void this.#come(oriel));
      this.#stop = () => {
        stop();
        this.#found?.removeEventListener('permissionchange', this.#changed);
      };
    }

    disconnectedCallback(): void {
      this.#stop?.();
    }

    /** Oriel is there. A visitor who went to get it is asked without a second click. */
    async #come(oriel: Oriel): Promise<void> {
      this.#found = oriel;
      oriel.addEventListener('permissionchange', this.#changed);
      this.#enter('ready');
      if (this.#hasLeft) await this.#ask();
      else this.#changed(await oriel.permission());
    }

    readonly #changed = (permission: Permission): void => {
      if (permission.state === 'granted') this.#connected(permission);
      else if (this.#state === 'connected') this.#enter('ready');
    };

    async #ask(): Promise<void> {
      const oriel = this.#found;
      if (!oriel || this.#state === 'asking' || this.#state === 'connected') return;
      this.#enter('asking');
      try {
        this.#connected(await oriel.connect({ scopes: this.#scopes() }));
      } catch (error) {
        this.#enter('refused');
        this.#tell('refuse', error);
      }
    }

    #scopes(): readonly Wish[] {
      const words = (this.getAttribute('scopes') ?? '').split(/\s+/);
      // What is no scope is refused by Oriel, not here.
      return words.filter((word) => word !== '') as Wish[];
    }

    /** Told twice, by the answer and by the event, it says so once. */
    #connected(permission: Permission): void {
      const oriel = this.#found;
      if (!oriel || this.#state === 'connected') return;
      this.#enter('connected');
      this.#tell('connect', { oriel, permission } satisfies OrielConnectDetail);
    }

    #tell(type: string, detail: unknown): void {
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }

    #enter(state: OrielButtonState): void {
      this.#state = state;
      this.#draw();
      // The words on a button that changes under the focus are not read out by themselves.
      this.#status.textContent = state === 'ready' ? '' : this.#labels[state];
    }

    #draw(): void {
      const hadFocus = this.shadowRoot?.activeElement !== null;
      const control = this.#state === 'missing' ? this.#link() : this.#button();
      const isAway = this.#state === 'missing' && this.#hasLeft;
      this.#controls.replaceChildren(control, ...(isAway ? [this.#reload()] : []));
      this.dataset.state = this.#state;
      if (hadFocus) control.focus();
    }

    #link(): HTMLElement {
      const link = document.createElement('a');
      link.href = this.getAttribute('install-url') ?? installUrl;
      link.target = '_blank';
      link.rel = 'noopener';
      link.append(markOf(), this.#labels.missing);
      link.addEventListener('click', () => {
        this.#hasLeft = true;
        // After the click: the link must still be there for it.
        setTimeout(() => this.#state === 'missing' && this.#draw());
      });
      return link;
    }

    /** A browser puts an extension into the pages that are loaded after it. */
    #reload(): HTMLElement {
      const button = this.#plainButton(this.#labels.installed, () => location.reload());
      button.className = 'quiet';
      return button;
    }

    #button(): HTMLElement {
      const button = this.#plainButton(this.#labels[this.#state], () => void this.#ask());
      button.prepend(markOf());
      const isDone = this.#state === 'asking' || this.#state === 'connected';
      // Not `disabled`: that would take the focus away from whoever just pressed it.
      if (isDone) button.setAttribute('aria-disabled', 'true');
      return button;
    }

    #plainButton(label: string, onClick: () => void): HTMLElement {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.addEventListener('click', onClick);
      return button;
    }
  };
}
