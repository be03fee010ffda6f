/** Says of every error what happened and what to do about it, in the person's words. */

import { i18n } from '#i18n';
import type { Fault, PersonError } from '../protocol/errors';
import type { Place } from '../protocol/generate';
import type { ConnectionView } from '../protocol/ui-messages';
import { codeText } from './code-text';
import { addressHost } from './place-text';
import { plainLine, plainText } from './plain-text';

export interface FaultText {
  readonly what: string;
  readonly todo: string;
  /** The backend's own words. */
  readonly detail?: string;
}

/** Whose error it is. */
export interface FaultContext {
  readonly name: string;
  readonly host?: string | undefined;
  readonly place?: Place | undefined;
  readonly onDevice?: boolean;
  /** False where no key is saved: then none was rejected, one is missing. */
  readonly hasKey?: boolean;
}

type Sentences = Pick<FaultText, 'what' | 'todo'>;
interface Facts extends FaultContext {
  readonly error: PersonError;
  /** The host where there is one, else the name: "Nothing answers at …". */
  readonly at: string;
}

function network({ place, at }: Facts): Sentences {
  switch (place) {
    case 'this-computer':
      return { what: i18n.t('fault.network.nothingAnswers', { at }), todo: i18n.t('fault.network.startServer') };
    case 'network':
      return { what: i18n.t('fault.network.nothingAnswers', { at }), todo: i18n.t('fault.network.checkNetwork') };
    default:
      return { what: i18n.t('fault.network.unreachable', { at }), todo: i18n.t('fault.network.checkInternet') };
  }
}

const keyMissing = (name: string): Sentences => ({
  what: i18n.t('fault.secretMissing.what', { name }),
  todo: i18n.t('fault.secretMissing.todo'),
});

const sentences: Readonly<Record<Fault, (facts: Facts) => Sentences>> = {
  auth: ({ name, hasKey }) =>
    hasKey === false ? keyMissing(name) : { what: i18n.t('fault.auth.what', { name }), todo: i18n.t('fault.auth.todo') },
  forbidden: ({ name }) => ({ what: i18n.t('fault.forbidden.what', { name }), todo: i18n.t('fault.forbidden.todo') }),
  'origin-refused': ({ name }) => ({
    what: i18n.t('fault.originRefused.what', { name }),
    todo: i18n.t('fault.originRefused.todo'),
  }),
  'host-refused': ({ name, at }) => ({
    what: i18n.t('fault.hostRefused.what', { name, at }),
    todo: i18n.t('fault.hostRefused.todo'),
  }),
  payment: ({ name }) => ({ what: i18n.t('fault.payment.what', { name }), todo: i18n.t('fault.payment.todo') }),
  'rate-limit': ({ name }) => ({ what: i18n.t('fault.rateLimit.what', { name }), todo: i18n.t('fault.rateLimit.todo') }),
  overloaded: ({ name }) => ({ what: i18n.t('fault.overloaded.what', { name }), todo: i18n.t('fault.overloaded.todo') }),
  'context-length': () => ({ what: i18n.t('fault.contextLength.what'), todo: i18n.t('fault.contextLength.todo') }),
  'invalid-request': ({ name, error }) => ({
    what:
      error.field === undefined
        ? i18n.t('fault.invalidRequest.what', { name })
        : i18n.t('fault.invalidRequest.whatField', { name, field: plainLine(error.field) }),
    todo: i18n.t('fault.invalidRequest.todo'),
  }),
  'model-not-found': ({ name }) => ({
    what: i18n.t('fault.modelNotFound.what', { name }),
    todo: i18n.t('fault.modelNotFound.todo'),
  }),
  'no-model': ({ name, onDevice }) =>
    onDevice
      ? { what: i18n.t('fault.noModel.notDownloaded'), todo: i18n.t('fault.noModel.download') }
      : { what: i18n.t('fault.noModel.what', { name }), todo: i18n.t('fault.noModel.todo') },
  'out-of-memory': ({ name }) => ({ what: i18n.t('fault.outOfMemory.what', { name }), todo: i18n.t('fault.outOfMemory.todo') }),
  'content-policy': ({ name }) => ({
    what: i18n.t('fault.contentPolicy.what', { name }),
    todo: i18n.t('fault.contentPolicy.todo'),
  }),
  'not-supported': () => ({ what: i18n.t('fault.notSupported.what'), todo: i18n.t('fault.notSupported.todo') }),
  timeout: ({ name }) => ({ what: i18n.t('fault.timeout.what', { name }), todo: i18n.t('fault.timeout.todo') }),
  server: ({ name }) => ({ what: i18n.t('fault.server.what', { name }), todo: i18n.t('fault.server.todo') }),
  network,
  'site-access': ({ at }) => ({
    what: i18n.t('fault.siteAccess.what', { at }),
    todo:
      globalThis.location?.protocol === 'moz-extension:'
        ? i18n.t('fault.siteAccess.firefox')
        : i18n.t('fault.siteAccess.chromium'),
  }),
  'data-consent': () => ({ what: i18n.t('fault.dataConsent.what'), todo: i18n.t('fault.dataConsent.todo') }),
  redirect: ({ at }) => ({ what: i18n.t('fault.redirect.what', { at }), todo: i18n.t('fault.redirect.todo') }),
  interrupted: ({ name }) => ({ what: i18n.t('fault.interrupted.what', { name }), todo: i18n.t('fault.interrupted.todo') }),
  'content-type': ({ at }) => ({ what: i18n.t('fault.contentType.what', { at }), todo: i18n.t('fault.contentType.todo') }),
  malformed: ({ name, onDevice, error }) =>
    error.field === 'parts'
      ? { what: i18n.t('fault.malformed.part'), todo: i18n.t('fault.malformed.allParts') }
      : onDevice
        ? { what: i18n.t('fault.malformed.damaged'), todo: i18n.t('fault.malformed.downloadAgain') }
        : { what: i18n.t('fault.malformed.what', { name }), todo: i18n.t('fault.malformed.todo') },
  'too-large': ({ name }) => ({ what: i18n.t('fault.tooLarge.what', { name }), todo: i18n.t('fault.tooLarge.todo') }),
  'secret-missing': ({ name }) => keyMissing(name),
  'no-room': () => ({ what: i18n.t('fault.noRoom.what'), todo: i18n.t('fault.noRoom.todo') }),
  engine: () => ({ what: i18n.t('fault.engine.what'), todo: i18n.t('fault.engine.todo') }),
};

export function faultText(error: PersonError, context: FaultContext): FaultText {
  const name = plainLine(context.name);
  const facts: Facts = { ...context, name, error, at: context.host ?? name };
  const said = error.fault === undefined ? codeText(error.code) : sentences[error.fault](facts);
  const status = error.status === undefined ? undefined : i18n.t('fault.status', { status: String(error.status) });
  const detail = [status, error.detail === undefined ? undefined : plainText(error.detail).trim()].filter(Boolean).join('\n');
  return { ...said, ...(detail !== '' && { detail }) };
}

/** The context of a saved connection. */
export const contextOf = (connection: ConnectionView): FaultContext => ({
  name: connection.name,
  host: addressHost(connection),
  place: connection.place,
  onDevice: connection.providerId === 'on-device',
  hasKey: connection.keyEnding !== undefined,
});
