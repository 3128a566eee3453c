import { parse } from "tldts";

/** A name as its registry sees it: "www.shop.bad.co.uk" was registered as "bad.co.uk" under "co.uk"; its own word is "bad". */
export interface RegisteredName {
  /** Absent when the whole name is a suffix. */
  readonly registered?: string;
  readonly suffix: string;
  /** The word that its owner chose. */
  readonly word?: string;
  /** Labels before what was registered: "www.shop". */
  readonly under: string;
}

/**
 * By the Public Suffix List as tldts ships it, companies' suffixes ("github.io") included. An ending that the list does
 * not have counts as a suffix of one label (the list's own default rule).
 *
 * @param name a canonical domain
 * @see https://publicsuffix.org/list/ "Algorithm"
 */
export const registeredName = (name: string): RegisteredName => {
  const found = parse(name, options);
  return {
    suffix: found.publicSuffix ?? name,
    ...(found.domain === null ? {} : { registered: found.domain }),
    ...(found.domainWithoutSuffix ? { word: found.domainWithoutSuffix } : {}),
    under: found.subdomain ?? "",
  };
};

const options = {
  allowPrivateDomains: true,
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
} as const;
