import { isLine, type ListFormat } from "./format.ts";
import { withoutScheme } from "./without-scheme.ts";

/**
 * A file for Suricata's `dataset:` (types string, md5, sha256, ip) and for `filemd5:`, `filesha1:`, `filesha256:`. Text is in
 * base64, hashes in hexadecimal, addresses as they are; one type a file, no comments. A URL stands without its scheme, as
 * host and path together.
 *
 * @see Suricata User Guide, Datasets, File formats
 */
export const suricataDataset: ListFormat = {
  type: "text/plain; charset=utf-8",
  oneOf: [["ipv4", "ipv6"], ["domain"], ["url"], ["path"], ["email"], ["md5"], ["sha1"], ["sha256"]],
  head: () => "",
  row: ({ value: { kind, value } }) => {
    switch (kind) {
      case "domain":
      case "path":
      case "email":
        return value.isWellFormed() && value !== "" ? `${Buffer.from(value).toString("base64")}\n` : undefined;
      case "url":
        return value.isWellFormed() ? `${Buffer.from(withoutScheme(value)).toString("base64")}\n` : undefined;
      case "md5":
      case "sha1":
      case "sha256":
        return /^[0-9a-f]+$/.test(value) ? `${value}\n` : undefined;
      case "ipv4":
      case "ipv6":
        return isLine(value) && /^[0-9a-f.:]+$/.test(value) ? `${value}\n` : undefined;
      default:
        return undefined;
    }
  },
  foot: () => "",
};
