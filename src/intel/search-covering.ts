import { cidrRange } from "#core/cidr.ts";
import { endpointParts } from "#core/endpoint.ts";
import type { Observable } from "#core/observable.ts";
import { urlParts } from "#core/url.ts";
import { aroundOf } from "./search-ask.ts";
import { placeOf } from "./search-keys.ts";

/** Boundaries of a path that are looked up, as match-reader.ts has them. */
const boundariesAtMost = 64;

/**
 * Every value that, if listed, matches this one: what `MatchReader.lookup` finds, said as data, so that state can be asked
 * when there is no index in this process. Of URLs those without a fragment.
 */
export const coverings = (observable: Observable): readonly Observable[] => {
  const { kind, value } = observable;
  switch (kind) {
    case "ipv4":
    case "ipv6":
      return [observable, ...networksOver(observable)];
    case "domain":
      return [observable, ...parentsOf(value)];
    case "endpoint": {
      const host = placeOf({ kind, value: value.toLowerCase() });
      if (host === undefined) return [observable];
      if (host.kind === "host") return [observable, { kind: "domain", value: host.value }, ...parentsOf(host.value)];
      const address: Observable = {
        kind: endpointParts(value).host.includes(":") ? "ipv6" : "ipv4",
        value: host.value,
      };
      return [observable, address, ...networksOver(address)];
    }
    case "url":
      return [...urlSpellings(value), ...pathsOver(urlParts(withoutFragment(value)).path)];
    case "path":
      return pathsOver(value);
    default:
      return [observable];
  }
};

/** A URL in each scheme a list may have used, and in none; without its fragment. */
export const urlSpellings = (value: string): readonly Observable[] => {
  const rest = withoutFragment(value.slice(value.indexOf("//")));
  return ["", "http:", "https:", "ftp:"].map((scheme) => ({ kind: "url", value: `${scheme}${rest}` }));
};

export const withoutFragment = (value: string): string => {
  const hash = value.indexOf("#");
  return hash < 0 ? value : value.slice(0, hash);
};

const networksOver = (address: Observable): readonly Observable[] => {
  const around = aroundOf(address);
  if (around?.kind !== "net") return [];
  return around.over.flatMap((network): Observable[] =>
    cidrRange(network).ok ? [{ kind: "cidr", value: network }] : [],
  );
};

const parentsOf = (name: string): readonly Observable[] => {
  const found: Observable[] = [];
  eachParent(name, (value) => found.push({ kind: "domain", value }));
  return found;
};

/** Names above a name, the nearest first; the last label by itself is nobody's (core/domain.ts). */
export const eachParent = (name: string, tell: (parent: string) => void): void => {
  let dot = name.indexOf(".");
  for (let next = dot; dot >= 0; dot = next) {
    next = name.indexOf(".", dot + 1);
    if (next >= 0) tell(name.slice(dot + 1));
  }
};

const pathsOver = (path: string): readonly Observable[] => {
  const found: Observable[] = [];
  eachPathOver(path, (value) => found.push({ kind: "path", value }));
  return found;
};

/** The path, last, and before it what of it ends before "?" or "&" or after "/", "?" or "=". */
export const eachPathOver = (path: string, tell: (over: string) => void): void => {
  let boundaries = 0;
  let looked = 0;
  for (let at = 0; at < path.length && boundaries < boundariesAtMost; at++) {
    const c = path.charCodeAt(at);
    if ((c === question || c === ampersand) && at > looked && at > 1) {
      boundaries++;
      looked = at;
      tell(path.slice(0, at));
    }
    if (
      (c === slash || c === question || c === equals) &&
      at > 0 &&
      at + 1 < path.length &&
      boundaries < boundariesAtMost
    ) {
      boundaries++;
      looked = at + 1;
      tell(path.slice(0, at + 1));
    }
  }
  tell(path);
};

const [slash, question, equals, ampersand] = [47, 63, 61, 38] as const;
