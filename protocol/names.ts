/** Names of the ports: labels for the eye, never proofs. In a file of their own, so that the relay carries no schema. */

export const pagePortName = 'page';
export const uiPortName = 'ui';
export const enginePortName = 'engine';
