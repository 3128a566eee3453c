import { isLine, type ListFormat } from "./format.ts";
import { withoutScheme } from "./without-scheme.ts";

/** Longest line a firewall reads of a list of names or URLs. @see PAN-OS Administrator's Guide, Formatting Guidelines for an External Dynamic List */
const longest = 255;

/**
 * External dynamic list of PAN-OS: addresses, names, or URLs without a scheme, one kind a file, and no comments, which lists
 * of names and URLs do not have. A URL that is a host alone ends with "/", or it would stand for every longer name too.
 */
export const edl: ListFormat = {
  type: "text/plain; charset=utf-8",
  oneOf: [["ipv4", "ipv6", "cidr"], ["domain"], ["url"]],
  head: () => "",
  row: ({ value: { kind, value } }) => {
    const line = kind === "url" ? withoutScheme(value) : value;
    return isLine(line) && !/[\s#]/.test(line) && line.length <= longest ? `${line}\n` : undefined;
  },
  foot: () => "",
};
