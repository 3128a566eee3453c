/**
 * Text of one column as it was before the writer escaped it: `\x2c` is a byte, `\\` a backslash; runs of bytes are read
 * as UTF-8 and left as they stand when they are none.
 * @see https://docs.zeek.org/en/master/log-formats.html
 */
export const unescapeColumn = (text: string): string =>
  text.includes("\\") ? text.replace(/\\\\|(?:\\x[0-9a-f]{2})+/gi, plain) : text;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const plain = (escaped: string): string => {
  if (escaped === "\\\\") return "\\";
  try {
    return utf8.decode(Buffer.from(escaped.replaceAll("\\x", ""), "hex"));
  } catch {
    return escaped;
  }
};
