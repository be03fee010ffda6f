/** As much of a window and its document as the page's side needs, without a DOM. */

/** Node has no interface, hence no focus. */
class NodeFocusEvent extends Event {
  readonly relatedTarget: EventTarget | null;
  constructor(type: string, init: FocusEventInit = {}) {
    super(type, init);
    this.relatedTarget = init.relatedTarget ?? null;
  }
}
globalThis.FocusEvent ??= NodeFocusEvent as unknown as typeof FocusEvent;

export interface FakeWindow {
  /** Passed where a `Window` is asked for. */
  readonly window: Window;
  readonly document: Document;
  readonly activation: { hasBeenActive: boolean };
  prerendering: boolean;
  show(): void;
  pageshow(persisted: boolean): void;
}

export function createWindow(): FakeWindow {
  const document = new EventTarget() as Document;
  const activation = { hasBeenActive: false };
  const navigator = { userActivation: activation };
  const window = Object.assign(new EventTarget(), { document, navigator }) as unknown as Window;
  const fake: FakeWindow = {
    window,
    document,
    activation,
    prerendering: false,
    show() {
      fake.prerendering = false;
      document.dispatchEvent(new Event('prerenderingchange'));
    },
    pageshow: (persisted) => window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted })),
  };
  Object.defineProperty(document, 'prerendering', { get: () => fake.prerendering });
  return fake;
}
