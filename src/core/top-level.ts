import { parse } from "tldts";

/** Names under which nobody registers in the public DNS, and texts still mean names: RFC 7686 .onion, RFC 2606 §2 .example. */
const special: ReadonlySet<string> = new Set(["onion", "example"]);

/**
 * Does this canonical name end in a top-level domain that exists? What has the shape of a name and ends otherwise is a
 * file ("dropper.exe"), a method or a typing error. The list is the ICANN part of the Public Suffix List, as tldts ships it.
 */
export const endsInTopLevel = (name: string): boolean => {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return special.has(last) || parse(name, { extractHostname: false, validateHostname: false }).isIcann === true;
};
