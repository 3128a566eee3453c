import { gunzip } from "node:zlib";

/**
 * gzip unpacked, off the main thread.
 *
 * @param atMost bytes; more is a bomb: the error's code is ERR_BUFFER_TOO_LARGE
 */
export const unpack = (packed: Uint8Array, atMost: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    gunzip(packed, { maxOutputLength: atMost }, (error, bytes) => {
      if (error) reject(error);
      else resolve(bytes);
    });
  });
