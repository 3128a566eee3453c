import { parse as parseSuffix } from "tldts";
import { no, ok, type Result } from "#core/result.ts";
import { type CidrRange, cidrRange } from "./cidr.ts";
import { scriptFlag } from "./confusable.ts";
import { endpointParts } from "./endpoint.ts";
import type { Flag } from "./flag.ts";
import { emptyFileHashes } from "./hash.ts";
import { ipv4Number, ipv6Bigint } from "./ip.ts";
import type { Observable } from "./observable.ts";
import { specialRange4, specialRange6 } from "./special-ranges.ts";
import { urlParts } from "./url.ts";
import { type ReadyPolicy, readyPolicy, type ValuePolicy, widestUsual } from "./value-policy.ts";

/** A value a source may call bad, and why a person should look at it first. */
export interface Recognised {
  readonly observable: Observable;
  readonly flags: readonly Flag[];
}

const none: readonly Flag[] = Object.freeze([]);

/** Decides whether a canonical observable may be an indicator under `policy`, and flags what is suspicious about it. */
export const admit = (observable: Observable, policy: ValuePolicy): Result<Recognised> => {
  const { kind, value } = observable;
  const rules = readyPolicy(policy);
  switch (kind) {
    case "ipv4":
    case "ipv6":
      return admitAddress(observable, value, rules, false);
    case "cidr":
      return admitNetwork(observable, rules);
    case "domain":
      return admitDomain(observable, value, rules);
    case "endpoint":
      return admitHost(observable, endpointParts(value).host, rules);
    case "email":
      return admitMail(observable, value.slice(value.lastIndexOf("@") + 1), rules);
    case "url":
      return admitUrl(observable, rules);
    case "md5":
    case "sha1":
    case "sha256":
    case "sha512":
      return ok({ observable, flags: emptyFileHashes.has(value) ? ["empty-file"] : none });
    default:
      return ok({ observable, flags: none });
  }
};

const admitHost = (observable: Observable, host: string, rules: ReadyPolicy): Result<Recognised> =>
  ipv4Number(host) >= 0 || host.includes(":")
    ? admitAddress(observable, host, rules, false)
    : admitDomain(observable, host, rules);

/** `onlyFlag`: a URL on a special address is kept and flagged, since the text itself is worth knowing. */
const admitAddress = (
  observable: Observable,
  address: string,
  rules: ReadyPolicy,
  onlyFlag: boolean,
): Result<Recognised> => {
  const v4 = ipv4Number(address);
  if (v4 >= 0) {
    const special = specialRange4(v4);
    if (special === undefined && rules.own.v4.length === 0) return ok({ observable, flags: none });
    return verdict(
      observable,
      address,
      special,
      covers(rules.own.v4, v4, v4),
      covers(rules.allow.v4, v4, v4),
      rules,
      onlyFlag,
    );
  }
  const v6 = ipv6Bigint(address) ?? 0n;
  const special = specialRange6(v6);
  return verdict(
    observable,
    address,
    special,
    covers(rules.own.v6, v6, v6),
    covers(rules.allow.v6, v6, v6),
    rules,
    onlyFlag,
  );
};

const verdict = (
  observable: Observable,
  address: string,
  special: string | undefined,
  own: boolean,
  allowed: boolean,
  rules: ReadyPolicy,
  onlyFlag: boolean,
): Result<Recognised> => {
  if (own) return ok({ observable, flags: ["own-asset"] });
  if (special === undefined || allowed) return ok({ observable, flags: none });
  if (rules.rejectsReserved && !onlyFlag) return no("WGL_IP_RESERVED", { value: address, range: special });
  return ok({ observable, flags: ["special-range"] });
};

const admitNetwork = (observable: Observable, rules: ReadyPolicy): Result<Recognised> => {
  const parsed = cidrRange(observable.value);
  if (!parsed.ok) return parsed;
  const range = parsed.value;
  const limit = range.family === 4 ? rules.widest.v4 : rules.widest.v6;
  if (range.prefix < limit) return no("WGL_CIDR_BROAD", { value: observable.value, limit });
  const special = range.family === 4 ? specialRange4(range.first, range.last) : specialRange6(range.first, range.last);
  const own = overlapsOwn(range, rules);
  const allowed = isAllowed(range, rules);
  if (special !== undefined && !allowed && !own && rules.rejectsReserved)
    return no("WGL_IP_RESERVED", { value: observable.value, range: special });
  const flags: Flag[] = [];
  if (range.prefix <= (range.family === 4 ? widestUsual.v4 : widestUsual.v6)) flags.push("broad");
  if (own) flags.push("own-asset");
  else if (special !== undefined && !allowed) flags.push("special-range");
  return ok({ observable, flags: flags.length === 0 ? none : flags });
};

const admitDomain = (observable: Observable, name: string, rules: ReadyPolicy): Result<Recognised> => {
  const suffix = suffixKind(name);
  if (suffix === "public") return no("WGL_DOMAIN_BROAD", { value: name });
  return ok({ observable, flags: domainFlags(name, suffix === "shared", rules) });
};

/** A mailbox at a shared suffix is still one mailbox. */
const admitMail = (observable: Observable, name: string, rules: ReadyPolicy): Result<Recognised> =>
  suffixKind(name) === "public"
    ? no("WGL_DOMAIN_BROAD", { value: name })
    : ok({ observable, flags: domainFlags(name, false, rules) });

const admitUrl = (observable: Observable, rules: ReadyPolicy): Result<Recognised> => {
  const { host, credentials } = urlParts(observable.value);
  const isAddress = ipv4Number(host) >= 0 || host.includes(":");
  const judged = isAddress
    ? admitAddress(observable, host, rules, true)
    : ok({ observable, flags: domainFlags(host, false, rules) });
  if (!judged.ok || !credentials) return judged;
  return ok({ observable, flags: [...judged.value.flags, "credentials"] });
};

const domainFlags = (name: string, shared: boolean, rules: ReadyPolicy): readonly Flag[] => {
  const own = rules.ownDomains.size > 0 && isUnder(name, rules.ownDomains);
  const script = scriptFlag(name);
  if (!own && !shared && script === undefined) return none;
  return [
    ...(script === undefined ? [] : [script]),
    ...(shared ? (["broad"] as const) : []),
    ...(own ? (["own-asset"] as const) : []),
  ];
};

/**
 * "public": a registry's suffix ("co.uk"), everybody's. "shared": a company's suffix under which strangers get names
 * ("github.io"). The list is the Public Suffix List as tldts ships it.
 */
export const suffixKind = (name: string): "public" | "shared" | "none" => {
  const found = parseSuffix(name, suffixOptions);
  if (found.publicSuffix !== name) return "none";
  return found.isPrivate === true ? "shared" : "public";
};
const suffixOptions = {
  allowPrivateDomains: true,
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
} as const;

const isUnder = (name: string, domains: ReadonlySet<string>): boolean => {
  if (domains.has(name)) return true;
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1))
    if (domains.has(name.slice(dot + 1))) return true;
  return false;
};

const covers = <N extends number | bigint>(
  ranges: readonly { readonly first: N; readonly last: N }[],
  first: N,
  last: N,
): boolean => ranges.some((range) => first >= range.first && last <= range.last);

const overlaps = <N extends number | bigint>(
  ranges: readonly { readonly first: N; readonly last: N }[],
  first: N,
  last: N,
): boolean => ranges.some((range) => first <= range.last && last >= range.first);

const overlapsOwn = (range: CidrRange, rules: ReadyPolicy): boolean =>
  range.family === 4
    ? overlaps(rules.own.v4, range.first, range.last)
    : overlaps(rules.own.v6, range.first, range.last);

const isAllowed = (range: CidrRange, rules: ReadyPolicy): boolean =>
  range.family === 4
    ? covers(rules.allow.v4, range.first, range.last)
    : covers(rules.allow.v6, range.first, range.last);
