/** What a browser has and Node has not. Imported before anything that takes the platform's classes at its start. */

class NodeProgressEvent extends Event {
  readonly loaded: number;
  readonly total: number;
  readonly lengthComputable: boolean;
  constructor(type: string, init: { loaded: number; total: number; lengthComputable: boolean }) {
    super(type);
    this.loaded = init.loaded;
    this.total = init.total;
    this.lengthComputable = init.lengthComputable;
  }
}

globalThis.ProgressEvent ??= NodeProgressEvent as unknown as typeof ProgressEvent;
