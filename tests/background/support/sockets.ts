/** For tests whose backends have no WebSocket. */
export const noSocket = (): never => {
  throw new Error('No test opens a socket here.');
};
