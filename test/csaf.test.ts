import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { instant, parseInstant } from "#core/instant.ts";
import { strict } from "#core/value-policy.ts";
import { productTree } from "#feeds/csaf-products.ts";
import { documentIn } from "#feeds/csaf-provider/envelope.ts";
import { documentsATurn, providerWalk } from "#feeds/csaf-provider/walk.ts";
import { readCertificates } from "#feeds/openpgp-certificate.ts";
import { readPackets } from "#feeds/openpgp-packets.ts";
import { verifyDetached } from "#feeds/openpgp.ts";
import { feedById } from "#feeds/index.ts";
import type { Feed, RawAdvisory, WalkAnswer } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { readFeed } from "#feeds/read.ts";
import { keys, signatures } from "./csaf-signatures.ts";

const corpora = new URL("../../shared/corpora/feeds/csaf/", import.meta.url);
const skip = existsSync(corpora) ? false : "the corpora are not beside this checkout";
const documents = feedById.get("csaf-document") as Feed;
const provider = feedById.get("csaf-provider") as Feed;
const now = instant(Date.parse("2026-11-20T00:00:00Z"));

interface Expected {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly initialRelease: string;
  readonly currentRelease: string;
  readonly vendors: readonly string[];
  readonly products: number;
  readonly cves: readonly string[];
  readonly cwes: readonly string[];
  readonly maxCvss3: number | null;
  readonly sha512Matches: boolean;
}

test("csaf-document reads every real advisory as its oracle does", { skip }, () => {
  const oracle = JSON.parse(readFileSync(new URL("EXPECTED.json", corpora), "utf8")) as {
    readonly advisories: Readonly<Record<string, Expected>>;
    readonly count: number;
    readonly distinctCves: number;
  };
  const cves = new Set<string>();
  let read = 0;
  for (const [file, expected] of Object.entries(oracle.advisories)) {
    const bytes = readFileSync(new URL(file, corpora));
    const { advisories, problems, verdict } = readFeed(documents, bytes, file, strict);
    assert.equal(verdict, "accept", `${file}: ${JSON.stringify(problems)}`);
    const [one] = advisories;
    assert.ok(one);
    read++;
    for (const cve of one.cves) cves.add(cve);
    const tree = [...productTree(parseJson(bytes)).values()];
    const relationships = (JSON.parse(bytes.toString()) as { product_tree?: { relationships?: object[] } })
      .product_tree;
    const scores = one.scores.filter(({ version }) => version.startsWith("3")).map(({ score }) => score);
    assert.deepEqual(
      {
        id: one.id,
        version: one.version,
        title: one.title,
        released: [one.publishedAt, one.updatedAt],
        vendors: [...new Set(tree.map(({ vendor }) => vendor))].filter((vendor) => vendor !== "").sort(),
        products: tree.length - (relationships?.relationships?.length ?? 0),
        cves: [...one.cves].sort(),
        cwes: [...one.cwes].sort(),
        maxCvss3: scores.length === 0 ? null : Math.max(...scores),
        tlp: one.tlp,
      },
      {
        id: expected.id,
        version: expected.version,
        title: expected.title.replace(/\s+/g, " ").trim(),
        released: [expected.initialRelease, expected.currentRelease].map((time) => {
          const at = parseInstant(time);
          return at.ok ? at.value : time;
        }),
        vendors: expected.vendors.map((vendor) => vendor.replace(/\s+/g, " ").trim()).sort(),
        products: expected.products,
        cves: [...expected.cves].sort(),
        cwes: [...expected.cwes].sort(),
        maxCvss3: expected.maxCvss3,
        tlp: "clear",
      },
      file,
    );
    const envelope = {
      ...{ csafFrom: `https://cert.example/${file}`, takenAt: now, status: 200, keys: [] },
      document: bytes.toString("base64"),
      sha512: readFileSync(new URL(`${file}.sha512`, corpora), "latin1"),
    };
    assert.equal(documentIn(envelope).ok, expected.sha512Matches, file);
    assert.ok(!documentIn({ ...envelope, document: Buffer.concat([bytes, Buffer.from(" ")]).toString("base64") }).ok);
    assert.ok(readPackets(readFileSync(new URL(`${file}.asc`, corpora))).ok, file);
  }
  assert.deepEqual([read, cves.size], [oracle.count, oracle.distinctCves]);
});

test("csaf-document tells every status apart and binds by the label", () => {
  const { advisories } = readFeed(
    documents,
    readFileSync(new URL("../src/feeds/csaf-document/sample.ndjson", import.meta.url)),
    "sample.ndjson",
    strict,
  );
  const [first, second] = advisories;
  assert.deepEqual(
    first?.products.map(({ status }) => status),
    ["affected", "affected", "fixed", "investigating"],
  );
  assert.deepEqual([first?.tlp, second?.tlp], ["clear", "green"]);
  assert.match(first?.action ?? "", /^Update to 4\.2\.1\. https:\/\/vendor\.example\/download\nSwitch/);
});

const text = Buffer.from("hello\nworld\n");
const certificates = (name: keyof typeof keys) => {
  const read = readCertificates(Buffer.from(keys[name]));
  assert.ok(read.ok, name);
  return read.value;
};
const verdict = (name: keyof typeof keys, signature: keyof typeof signatures, data: Uint8Array = text): string => {
  const signed = verifyDetached(data, Buffer.from(signatures[signature]), certificates(name), now);
  return signed.ok ? "good" : signed.problem.code;
};

test("verifyDetached() takes what GnuPG signed with RSA, an Ed25519 subkey, ECDSA, and as text", () => {
  assert.deepEqual(
    [verdict("psirt", "psirt"), verdict("sub", "sub"), verdict("p256", "p256"), verdict("psirt", "text")],
    ["good", "good", "good", "good"],
  );
  // a text signature is over CRLF: line ends may change on the way
  assert.equal(verdict("psirt", "text", Buffer.from("hello\r\nworld\r\n")), "good");
  assert.equal(verdict("psirt", "psirt", Buffer.from("hello\r\nworld\r\n")), "WGL_PGP_SIGNATURE");
});

test("verifyDetached() refuses strangers, revoked and expired keys, SHA-1, and signatures from the future", () => {
  assert.equal(verdict("psirt", "stranger"), "WGL_PGP_SIGNATURE");
  assert.equal(verdict("revoked", "revoked"), "WGL_PGP_SIGNATURE");
  assert.equal(verdict("psirt", "sha1"), "WGL_PGP_SHAPE");
  // made on 5 September, while the key was in force until the 8th: it stays good
  assert.equal(verdict("expired", "expired-in-time"), "good");
  const early = instant(Date.parse("2026-11-09T00:00:00Z"));
  assert.ok(!verifyDetached(text, Buffer.from(signatures.psirt), certificates("psirt"), early).ok);
  const [sub] = certificates("sub");
  assert.ok(sub);
  const ended = { ...sub, signing: sub.signing.map((key) => ({ ...key, expires: key.made + 1 })) };
  assert.ok(!verifyDetached(text, Buffer.from(signatures.sub), [ended], now).ok);
});

test("verifyDetached() is good for no other bytes: any flipped bit of data or signature", () => {
  const raw = readPackets(Buffer.from(signatures.sub));
  assert.ok(raw.ok);
  const body = raw.value[0]?.body ?? Buffer.alloc(0);
  const packet = Buffer.concat([Buffer.from([0xc2, body.length]), body]);
  assert.ok(body.length < 192 && verifyDetached(text, packet, certificates("sub"), now).ok);
  const unhashed = 6 + body.readUInt16BE(4);
  const unhashedEnd = unhashed + 2 + body.readUInt16BE(unhashed);
  fc.assert(
    fc.property(fc.nat(body.length * 8 - 1), (bit) => {
      const at = bit >> 3;
      // the unhashed part is nobody's promise
      fc.pre(at < unhashed || at >= unhashedEnd);
      const flipped = Buffer.from(packet);
      flipped[2 + at] = (flipped[2 + at] ?? 0) ^ (1 << (bit & 7));
      assert.ok(!verifyDetached(text, flipped, certificates("sub"), now).ok, `bit ${bit}`);
    }),
    { numRuns: 400 },
  );
  fc.assert(
    fc.property(fc.nat(text.length * 8 - 1), (bit) => {
      const flipped = Buffer.from(text);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return verdict("psirt", "psirt", flipped) === "WGL_PGP_SIGNATURE";
    }),
  );
});

test("readPackets() and readCertificates() answer rubbish with problems", () => {
  const key = Buffer.from(keys.sub);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .tuple(fc.nat(key.length), fc.uint8Array({ maxLength: 6 }), fc.nat(30))
          .map(([at, bytes, cut]) => Buffer.concat([key.subarray(0, at), bytes, key.subarray(at + cut)])),
      ),
      (bytes) => {
        readCertificates(bytes);
        verifyDetached(text, bytes, certificates("sub"), now);
      },
    ),
  );
  assert.ok(!readPackets(Buffer.from(signatures.sub.replace(/\n=(....)\n/, "\n=AAAA\n"))).ok, "the armor's checksum");
});

/** A provider on a table of addresses: what a driver of walks does, without a network. */
const converse = (pages: Readonly<Record<string, string | Uint8Array>>, cursor: unknown, at = now) => {
  const walk = providerWalk({ url: "https://vendor.example/csaf/provider-metadata.json", cursor, now: at });
  const asked: string[] = [];
  const taken: { readonly name: string; readonly body: Uint8Array }[] = [];
  for (let answer: WalkAnswer | undefined; ; ) {
    const step = walk.next(answer);
    if (step.done) return { cursor: step.value, asked, taken };
    answer = undefined;
    if ("reached" in step.value) continue;
    if ("take" in step.value) taken.push({ name: step.value.name, body: step.value.take });
    else if ("ask" in step.value) {
      const { ask, expects = [] } = step.value;
      asked.push(ask);
      const page = pages[ask];
      assert.ok(page !== undefined || expects.includes(404), `${ask} is not there and 404 was not expected`);
      answer = { status: page === undefined ? 404 : 200, headers: {}, body: Buffer.from(page ?? "") };
    }
  }
};

const rowsOf = (taken: readonly { readonly body: Uint8Array }[]) => {
  const readings = taken.map(({ body }) => readFeed(provider, body, "x.json", strict));
  return {
    ids: readings.flatMap(({ advisories }) => advisories.map((one: RawAdvisory) => one.id)),
    codes: readings.flatMap(({ problems }) => problems.map(({ code }) => code)),
  };
};

/** The documents of the sample, with their real hashes and signatures, as a provider publishes them. */
const envelopes = readFileSync(new URL("../src/feeds/csaf-provider/sample.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Record<string, string>);
const base = "https://vendor.example/csaf/";
const files = (): Record<string, string | Uint8Array> => {
  const found: Record<string, string | Uint8Array> = { [`${base}openpgp/key.asc`]: envelopes[0]?.["keys"]?.[0] ?? "" };
  for (const one of envelopes) {
    const url = one["csafFrom"] ?? "";
    if (one["document"] !== undefined) found[url] = Buffer.from(one["document"], "base64");
    if (one["sha512"] !== undefined) found[`${url}.sha512`] = one["sha512"];
    if (one["signature"] !== undefined) found[`${url}.asc`] = one["signature"];
  }
  return found;
};
const fingerprinted = (distribution: object): Record<string, string | Uint8Array> => {
  const pages = files();
  const read = readCertificates(Buffer.from(pages[`${base}openpgp/key.asc`] ?? ""));
  assert.ok(read.ok);
  const [key] = read.value;
  pages[`${base}provider-metadata.json`] = JSON.stringify({
    canonical_url: `${base}provider-metadata.json`,
    distributions: [distribution],
    public_openpgp_keys: [{ fingerprint: key?.fingerprint, url: `${base}openpgp/key.asc` }],
  });
  return pages;
};

test("csaf-provider walks ROLIE: takes what is proved, names what is not, and asks only for news again", () => {
  const names = ["ex-2026-001", "ex-2026-003", "ex-2026-004", "ex-2026-005", "ex-2026-006"];
  const entry = (name: string, updated: string) => ({
    ...{ id: name, updated, content: { src: `${base}2026/${name}.json`, type: "application/json" } },
    link: [
      { rel: "self", href: `${base}2026/${name}.json` },
      { rel: "hash", href: `${base}2026/${name}.json.sha512` },
      ...(name === "ex-2026-005" ? [] : [{ rel: "signature", href: `${base}2026/${name}.json.asc` }]),
    ],
  });
  const pages = fingerprinted({ rolie: { feeds: [{ tlp_label: "WHITE", url: `${base}white.json` }] } });
  const feed = (entries: readonly object[]): string => JSON.stringify({ feed: { id: "white", entry: entries } });
  const entries = names.map((name, place) => entry(name, `2026-11-1${place}T10:00:00Z`));
  pages[`${base}white.json`] = feed(entries);
  const first = converse(pages, undefined);
  assert.deepEqual(rowsOf(first.taken), {
    ids: ["EX-2026-001"],
    codes: ["WGL_CSAF_HASH", "WGL_CSAF_SIGNATURE", "WGL_CSAF_UNSIGNED", "WGL_CSAF_FETCH"],
  });
  // what failed is asked again, for hashes are often published later: now 003's is right
  const hash = pages[`${base}2026/ex-2026-003.json`];
  pages[`${base}2026/ex-2026-003.json.sha512`] = createHash("sha512")
    .update(hash ?? "")
    .digest("hex");
  const second = converse(pages, first.cursor);
  assert.deepEqual(rowsOf(second.taken).ids, ["EX-2026-003"]);
  assert.ok(!second.asked.includes(`${base}2026/ex-2026-001.json`));
  // an update of what we have is news, and nothing else is after five tries
  pages[`${base}white.json`] = feed([...entries, entry("ex-2026-001", "2026-11-19T10:00:00Z")]);
  let turn = converse(pages, second.cursor);
  assert.deepEqual(rowsOf(turn.taken).ids, ["EX-2026-001"]);
  for (let n = 0; n < 4; n++) turn = converse(pages, turn.cursor);
  assert.deepEqual(turn.taken, []);
});

test("csaf-provider walks a directory by changes.csv, oldest change first, and by index.txt where there is none", () => {
  const pages = fingerprinted({ directory_url: base.slice(0, -1) });
  pages[`${base}changes.csv`] =
    '"2026/ex-2026-003.json","2026-11-12T00:00:00Z"\n2026/ex-2026-001.json,2026-11-10T00:00:00Z\n../../etc/passwd,2026-11-10T00:00:00Z\n';
  const turn = converse(pages, undefined);
  assert.deepEqual(
    turn.taken.map(({ name }) => name),
    ["csaf/2026/ex-2026-001.json", "csaf/2026/ex-2026-003.json"],
  );
  assert.deepEqual(rowsOf(turn.taken), { ids: ["EX-2026-001"], codes: ["WGL_CSAF_HASH"] });
  delete pages[`${base}changes.csv`];
  pages[`${base}index.txt`] = "2026/ex-2026-001.json\nhttp://169.254.169.254/x.json\n";
  const index = converse(pages, undefined);
  assert.deepEqual(rowsOf(index.taken).ids, ["EX-2026-001"]);
  assert.deepEqual(converse(pages, index.cursor).taken, []);
  assert.ok(![...turn.asked, ...index.asked].some((url) => !url.startsWith("https://vendor.example/csaf/")));
});

test("csaf-provider takes a long listing over several turns and misses none", () => {
  const pages = fingerprinted({ directory_url: base });
  const count = documentsATurn * 2 + 7;
  const document = JSON.parse(Buffer.from(envelopes[1]?.["document"] ?? "", "base64").toString()) as {
    document: { tracking: { id: string } };
  };
  pages[`${base}provider-metadata.json`] = JSON.stringify({
    canonical_url: `${base}provider-metadata.json`,
    distributions: [{ directory_url: base }],
  });
  let changes = "";
  for (let n = 0; n < count; n++) {
    document.document.tracking.id = `L-${n}`;
    const bytes = JSON.stringify(document);
    pages[`${base}l-${n}.json`] = bytes;
    pages[`${base}l-${n}.json.sha512`] = createHash("sha512").update(bytes).digest("hex");
    // many at one moment: the place where a turn stops falls between equal times
    changes += `l-${n}.json,2026-11-${String(1 + Math.floor(n / 200)).padStart(2, "0")}T00:00:00Z\n`;
  }
  pages[`${base}changes.csv`] = changes;
  const ids: string[] = [];
  let cursor: unknown;
  for (let n = 0; n < 3; n++) {
    const turn = converse(pages, cursor);
    ids.push(...rowsOf(turn.taken).ids);
    cursor = JSON.parse(JSON.stringify(turn.cursor));
  }
  assert.equal(ids.length, count);
  assert.equal(new Set(ids).size, count);
});

test("csaf-provider takes no document on trust when its provider's key cannot be had, or is another's", () => {
  const pages = fingerprinted({ directory_url: base });
  pages[`${base}changes.csv`] = "2026/ex-2026-001.json,2026-11-10T00:00:00Z\n";
  pages[`${base}openpgp/key.asc`] = keys.stranger;
  assert.deepEqual(rowsOf(converse(pages, undefined).taken), { ids: [], codes: ["WGL_CSAF_SIGNATURE"] });
  delete pages[`${base}openpgp/key.asc`];
  assert.deepEqual(rowsOf(converse(pages, undefined).taken), { ids: [], codes: ["WGL_CSAF_SIGNATURE"] });
  assert.throws(() => converse({ [`${base}provider-metadata.json`]: "{}" }, undefined), /canonical_url/);
});
