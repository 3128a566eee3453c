import { BadBody } from "./bad-body.ts";
import { isGzip } from "./gunzip.ts";
import { isZip } from "./unzip.ts";

/** What a list may look like besides plain rows. */
export interface Expects {
  /** The list itself is JSON or NDJSON. */
  readonly json?: boolean;
  /** The list stands in a web page. */
  readonly markup?: boolean;
}

/** How many first bytes tell text from binary. */
const looksAt = 65_536;
/** Above this share of NULs a body is binary (or UTF-16 without its mark, half NULs); below, single rows are at fault. */
const nulShare = 0.2;

/**
 * UTF-8 bytes of a text body: a byte order mark goes, UTF-16 with a mark is decoded, and a body that is plainly something
 * else (binary, a packed file in a packed file, a web page, a JSON error) is bad. Broken UTF-8 stays: it spoils only its row.
 */
export const textBody = (bytes: Uint8Array, expects: Expects = {}): Uint8Array => {
  if (bytes.length === 0) throw new BadBody("WGL_BODY_EMPTY");
  const text = decoded(bytes);
  if (isGzip(text) || isZip(text)) throw new BadBody("WGL_BODY_NESTED");
  const head = text.subarray(0, looksAt);
  let nuls = 0;
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1)) nuls++;
  if (nuls > head.length * nulShare) throw new BadBody("WGL_BODY_BINARY");
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString("latin1").trimStart();
  if (expects.markup !== true && start.startsWith("<")) throw new BadBody("WGL_BODY_MARKUP");
  if (expects.json !== true && /^(?:\{\s*["}]|\[\s*[{[\]"])/.test(start)) throw new BadBody("WGL_BODY_JSON");
  return text;
};

const decoded = (bytes: Uint8Array): Uint8Array => {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3);
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  const big = bytes[0] === 0xfe && bytes[1] === 0xff;
  if (!little && !big) return bytes;
  return Buffer.from(new TextDecoder(little ? "utf-16le" : "utf-16be").decode(bytes), "utf8");
};
