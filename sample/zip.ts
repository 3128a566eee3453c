import { crc32 } from "node:zlib";

/**
 * A ZIP archive of small text files, stored as they are: name → text.
 * @see PKWARE APPNOTE 6.3.10 §4.3.7 local header, §4.3.12 central directory, §4.3.16 end record
 */
export const zip = (files: ReadonlyMap<string, string>, now: number): Uint8Array => {
  const entries: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [path, text] of files) {
    const [name, body] = [Buffer.from(path), Buffer.from(text)];
    const shared = sharedPart(name, body, now);
    const local = Buffer.concat([number(4, 0x04034b50), shared, number(2, 0), name, body]);
    entries.push(local);
    // made by version 2.0; no comment, disk 0, no attributes; where the local header stands
    directory.push(
      Buffer.concat([
        number(4, 0x02014b50),
        number(2, 20),
        shared,
        number(2, 0),
        Buffer.alloc(10),
        number(4, at),
        name,
      ]),
    );
    at += local.length;
  }
  const whole = Buffer.concat(directory);
  const count = number(2, files.size);
  const end = [number(4, 0x06054b50), Buffer.alloc(4), count, count, number(4, whole.length), number(4, at)];
  return Buffer.concat([...entries, whole, ...end, number(2, 0)]);
};

/** From "version needed" to "file name length", which both headers have: version 2.0, names in UTF-8, stored. */
const sharedPart = (name: Uint8Array, body: Uint8Array, now: number): Uint8Array => {
  const time = new Date(now);
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  const date = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const two = [20, 0x0800, 0, clock, date].map((value) => number(2, value));
  return Buffer.concat([
    ...two,
    ...[crc32(body), body.length, body.length].map((n) => number(4, n)),
    number(2, name.length),
  ]);
};

/** Little endian. */
const number = (bytes: 2 | 4, value: number): Uint8Array => {
  const field = Buffer.alloc(bytes);
  field.writeUIntLE(value, 0, bytes);
  return field;
};
