/** Names of the ports: labels for the eye, never proofs. In a file of their own, so that the relay carries no schema. */

export const pagePortName = 'page';
/** Of a document that is alone in its tab, or has frames of its own origin only around it. */
export const ownFramePortName = 'page-of-its-own';
export const uiPortName = 'ui';
export const enginePortName = 'engine';
