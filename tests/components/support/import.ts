/** For screens that bring no file here. */
export const noImport = () => Promise.reject(new Error('No test brings a file here.'));
