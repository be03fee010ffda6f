/** The front of the package: everything but the provider for AI SDK, the helpers of npm `window.ai` and the fake wallet, which have addresses of their own. */

export { type Answer, collect, mediaPart, partsOf } from './answer';
export {
  defineOrielButton,
  type OrielButtonElement,
  type OrielButtonLabels,
  type OrielButtonOptions,
  type OrielButtonState,
  type OrielConnectDetail,
} from './button';
export { type GetOrielOptions, getOriel, onOriel } from './get-oriel';
export type * from './types';
