/**
 * A POSIX ustar archive of small text files: path → text. Two zero blocks at the end.
 * @see IEEE Std 1003.1 pax, "ustar Interchange Format"
 */
export const tar = (files: ReadonlyMap<string, string>, now: number): Uint8Array => {
  const blocks: Uint8Array[] = [];
  for (const [path, text] of files) {
    const body = new TextEncoder().encode(text);
    blocks.push(header(path, body.length, Math.floor(now / 1000)), body, new Uint8Array(-body.length & 511));
  }
  blocks.push(new Uint8Array(1024));
  return Buffer.concat(blocks);
};

const header = (path: string, size: number, mtime: number): Uint8Array => {
  const block = new Uint8Array(512);
  const put = (offset: number, text: string): void => void block.set(new TextEncoder().encode(text), offset);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  put(0, path); //                  name, at most 100 bytes
  put(100, "0000644\0"); //         mode
  put(108, "0000000\0"); //         uid
  put(116, "0000000\0"); //         gid
  put(124, `${octal(size, 11)}\0`);
  put(136, `${octal(mtime, 11)}\0`);
  put(148, "        "); //          checksum, blank while it is counted
  put(156, "0"); //                 typeflag: regular file
  put(257, "ustar\u000000"); //     magic and version
  let sum = 0;
  for (const byte of block) sum += byte;
  put(148, `${octal(sum, 6)}\0 `);
  return block;
};
