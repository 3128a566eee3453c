import { createHash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Walk, WalkAnswer, WalkStart } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { isObject, jsonAt, listAt, numberAt, textAt, textsAt } from "#feeds/json-shape.ts";
import { readCertificates } from "#feeds/openpgp-certificate.ts";
import { documentIn, type Envelope } from "./envelope.ts";
import { changesListing, indexListing, type Listed, rolieListing, secureUrl } from "./listing.ts";

/** Documents of one turn, oldest change first: about four requests each, and the next turn takes the next ones. */
export const documentsATurn = 250;
/** How often a document that failed is asked again: hashes and signatures are often published minutes later. */
const triesAtMost = 5;
/** Documents remembered of listings without times. */
const knownAtMost = 20_000;
/** What says "there is no such file" rather than "come again later". */
const gone = [401, 403, 404, 410];

/** What the walk remembers of each listing, by its address. */
interface Past {
  /** Everything changed before it was taken… */
  readonly until: number;
  /** …and these at that very moment. Or, where a listing has no times: everything taken. Short hashes of addresses. */
  readonly at: readonly string[];
}
interface Cursor {
  readonly listings: Readonly<Record<string, Past>>;
  /** Addresses to ask again, with how often they were. */
  readonly again: Readonly<Record<string, number>>;
}

/**
 * A CSAF provider's new and changed documents, each as an envelope with its hash and signature: provider-metadata.json,
 * its keys, its ROLIE feeds or, where it has none, its directories (changes.csv, else index.txt).
 *
 * @see CSAF 2.0 §7.1 (requirements 7 to 20), §7.3 (retrieving rules)
 */
export function* providerWalk({ url, cursor, now }: WalkStart): Walk {
  const past = readCursor(cursor);
  const metadata = parseJson((yield* ask(url)).body);
  if (!isObject(metadata) || textAt(metadata, "canonical_url") === "")
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a provider-metadata.json with canonical_url" });
  const keys = yield* keysOf(metadata, url);
  const listings = yield* listingsOf(metadata, url);
  const next: Record<string, Past> = {};
  const again: Record<string, number> = {};
  const taken = new Set<string>();
  let room = documentsATurn;
  /** Listings not come to yet stand where they stood, and failures not asked again wait. */
  const cursorOf = (listed: Readonly<Record<string, Past>>): Cursor => ({
    listings: { ...past.listings, ...listed },
    again: {
      ...Object.fromEntries(Object.entries(past.again).filter(([address]) => !taken.has(address))),
      ...again,
    },
  });
  for (const { at, documents } of listings) {
    const before = past.listings[at] ?? { until: -1, at: [] };
    const due = documents
      .filter((one) => isNew(one, before) || past.again[one.url] !== undefined)
      .sort((a, b) => (a.updated ?? 0) - (b.updated ?? 0) || (a.url < b.url ? -1 : 1));
    let here: Past = before;
    for (const one of due) {
      const fresh = isNew(one, before);
      if (room === 0) break;
      if (!taken.has(one.url)) {
        room--;
        taken.add(one.url);
        const envelope = yield* envelopeOf(one, keys, now);
        const name = new URL(one.url).pathname.replace(/^\//, "");
        yield { take: Buffer.from(JSON.stringify(envelope)), name };
        const tries = (past.again[one.url] ?? 0) + 1;
        if (!documentIn(envelope).ok && tries < triesAtMost) again[one.url] = tries;
      }
      if (fresh) here = advanced(here, one);
      yield { reached: cursorOf({ ...next, [at]: here }) };
    }
    next[at] = here;
  }
  for (const [address, tries] of Object.entries(past.again))
    if (!taken.has(address) && listings.some(({ documents }) => documents.some((one) => one.url === address)))
      again[address] = tries;
  return { listings: next, again } satisfies Cursor;
}

const isNew = (one: Listed, before: Past): boolean =>
  one.updated === undefined || one.updated === before.until
    ? !before.at.includes(shortHash(one.url))
    : one.updated > before.until;

const advanced = (past: Past, one: Listed): Past => {
  const hash = shortHash(one.url);
  if (one.updated === undefined) return { ...past, at: [...past.at, hash].slice(-knownAtMost) };
  return one.updated === past.until ? { ...past, at: [...past.at, hash] } : { until: one.updated, at: [hash] };
};

const shortHash = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 12);

function* ask(
  url: string,
  expects: readonly number[] = [],
): Generator<{ ask: string; expects: readonly number[] }, WalkAnswer, WalkAnswer | undefined> {
  const answer = yield { ask: url, expects };
  if (answer === undefined) throw new BadBody("WGL_BODY_EMPTY");
  return answer;
}
type Asking<T> = Generator<{ ask: string; expects: readonly number[] }, T, WalkAnswer | undefined>;

/** The keys the provider names, each only if it has the fingerprint it is named with. */
function* keysOf(metadata: object, base: string): Asking<readonly string[]> {
  const keys: string[] = [];
  for (const key of listAt(metadata, "public_openpgp_keys").slice(0, 20)) {
    const url = secureUrl(textAt(key, "url"), base);
    if (url === undefined) continue;
    const answer = yield* ask(url, gone);
    if (answer.status !== 200) continue;
    const read = readCertificates(answer.body);
    const wanted = textAt(key, "fingerprint").replace(/\s+/g, "").toUpperCase();
    if (read.ok && (wanted === "" || read.value.some((one) => one.fingerprint.endsWith(wanted))))
      keys.push(armored(answer.body));
  }
  // Keys that cannot be had prove nothing, and a document must not pass because of that.
  return keys.length === 0 && listAt(metadata, "public_openpgp_keys").length > 0 ? [unreadable] : keys;
}

/** Stands for a key that could not be had: no signature fits it. */
const unreadable = "(no key of the provider could be read)";

const armored = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes).toString("latin1");
  if (text.includes("-----BEGIN PGP")) return text;
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${Buffer.from(bytes).toString("base64")}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
};

function* listingsOf(
  metadata: object,
  base: string,
): Asking<readonly { readonly at: string; readonly documents: readonly Listed[] }[]> {
  const distributions = listAt(metadata, "distributions");
  const feeds = distributions
    .flatMap((one) => listAt(one, "rolie", "feeds"))
    .map((feed) => secureUrl(textAt(feed, "url"), base))
    .filter((url) => url !== undefined);
  const found: { at: string; documents: readonly Listed[] }[] = [];
  for (const at of new Set(feeds.slice(0, 50))) {
    // a label may be kept from us: TLP:AMBER and above are for those who were let in
    const answer = yield* ask(at, gone);
    if (answer.status === 200) found.push({ at, documents: rolieListing(answer.body, at) });
  }
  const directories = feeds.length > 0 ? [] : distributions.map((one) => textAt(one, "directory_url"));
  for (const directory of new Set(directories.filter((one) => one !== "").slice(0, 50))) {
    const at = secureUrl(directory.endsWith("/") ? directory : `${directory}/`, base);
    if (at === undefined) continue;
    const changes = yield* ask(`${at}changes.csv`, gone);
    if (changes.status === 200) {
      found.push({ at, documents: changesListing(changes.body, at) });
      continue;
    }
    const index = yield* ask(`${at}index.txt`, gone);
    if (index.status === 200) found.push({ at, documents: indexListing(index.body, at) });
  }
  if (found.length === 0)
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a distribution with a ROLIE feed or a directory that can be read" });
  return found;
}

function* envelopeOf(one: Listed, keys: readonly string[], now: Instant): Asking<Envelope> {
  const base = { csafFrom: one.url, takenAt: now, keys };
  const answer = yield* ask(one.url, gone);
  if (answer.status !== 200) return { ...base, status: answer.status };
  const document = Buffer.from(answer.body).toString("base64");
  const texts: { sha512?: string; sha256?: string; signature?: string } = {};
  for (const kind of ["sha512", "sha256", "signature"] as const) {
    const url = one[kind];
    if (url === undefined || (kind === "sha256" && texts.sha512 !== undefined)) continue;
    if (kind === "signature" && keys.length === 0) continue;
    const file = yield* ask(url, gone);
    if (file.status === 200) texts[kind] = Buffer.from(file.body.subarray(0, 65_536)).toString("latin1").trim();
    else if (one.announced) return { ...base, status: file.status, missing: url };
  }
  return { ...base, status: 200, document, ...texts };
}

/** Whatever was remembered by another version of us begins anew. */
const readCursor = (cursor: unknown): Cursor => {
  const entries = (field: string): readonly [string, unknown][] => {
    const value = jsonAt(cursor, field);
    return isObject(value) ? Object.entries(value) : [];
  };
  return {
    listings: Object.fromEntries(
      entries("listings").map(([at, past]) => [at, { until: numberAt(past, "until") ?? -1, at: textsAt(past, "at") }]),
    ),
    again: Object.fromEntries(entries("again").flatMap(([url, n]) => (typeof n === "number" ? [[url, n]] : []))),
  };
};
