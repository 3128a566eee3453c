/** The buffer of bytes that are all it holds, so that it can change hands; nothing when others may lie in it. */
export const owned = ({ buffer, byteLength }: Uint8Array): readonly ArrayBuffer[] =>
  buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];

/**
 * Gives the memory of bytes back to the machine at once; nobody reads them any more. A buffer that lives as long as its batch is
 * old when it is dropped, and the collector would have to go through all that the thread holds to find that out. Small ones are
 * left to it: they may lie in a buffer that Node shares out (`Buffer.poolSize`).
 */
export const release = ({ buffer, byteLength }: Uint8Array): void => {
  if (byteLength > Buffer.poolSize && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
};
