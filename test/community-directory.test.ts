// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readAssetFile } from "#community/asset-file.ts";
import { proven } from "#community/asset.ts";
import { type DirectoryRead, type Ids, largestDirectory } from "#community/directory-body.ts";
import { readDirectoryFile } from "#community/directory-file.ts";
import { instant, parseInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";

const now = instant(Date.UTC(2026, 10, 21));
const ids: Ids = (kind, key) => `${kind}:${key}`;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const readText = (text: string): DirectoryRead => readDirectoryFile(bytes(text), ids, now);
const at = (text: string): number => {
  const time = parseInstant(text);
  assert(time.ok);
  return time.value;
};
/** What went wrong, and where: "WGL_… /pointer line n column m". */
const told = (read: { problems: DirectoryRead["problems"] }): string[] =>
  read.problems.map((one) => `${one.code} ${one.at ?? ""}`);

/** The same for YAML, with the first letters of the text that stands at the place it tells. */
const shown = (text: string): string[] =>
  readText(text).problems.map((one) => {
    const [, pointer, line, column] = /^(\S+) line (\d+) column (\d+)$/.exec(one.at ?? "") ?? [];
    const there = text.split("\n")[Number(line) - 1]?.slice(Number(column) - 1, Number(column) + 7);
    return `${one.code} ${pointer} ${line}: ${there}`;
  });

const harbour = `
community: { name: { en: Harbour City, zh-Hant-HK: 海港市, zh-Hans: 海港市 }, zone: Asia/Hong_Kong, anchor: cert }
organisations:
  - id: cert
    name: { en: Harbour CERT }
    people:
      - { id: ada, name: Ada Wong, email: ada@cert.example, role: analyst, language: en }
  - id: transport
    name: { en: Harbour Transport Department, zh-Hant-HK: 海港運輸署, zh-Hans: 海港运输署 }
    parent: government       # stands further down
    sector: transport
    languages: [zh-Hant-HK, en]
    clientOf: [cert]
    shadow: false
    people:
      - { id: chan, name: Chan Hoi-ki, email: chan@Transport.Example, role: security-contact, language: zh-Hant-HK, phone: "+852 5550 0142" }
    assets:
      - { kind: network, value: 203.0.113.16/28, from: 2024-01-01, to: 2026-01-01, proof: registry, worth: high }
      - { kind: network, value: 203.0.113.16/28, from: 2026-01-01 }
      - { kind: network, value: "2001:DB8:7::/48" }
      - { kind: domain, value: Transport.example., proof: dns }
      - { kind: email-domain, value: transport.example }
      - { kind: asn, value: 64500 }
      - { kind: product, value: "cpe:2.3:a:example:vpn:9.1:*:*:*:*:*:*:*" }
    sensors:
      - { id: htd-edge-1, title: HTD edge, format: suricata-eve, networks: [10.20.0.0/16] }
  - { id: government, name: { en: Harbour Government } }
  - { id: water, name: { en: Water } }
  - id: overseas
    name: { en: Overseas CERT }
    kind: partner
    agreement: { tlpMax: green, papMax: amber, purposes: [detection, blocking] }
people:
  - { id: lam, name: Lam Wai, email: lam@contractor.example, language: en, organisations: [{ id: transport, role: security-contact }, { id: water, role: viewer }] }
groups:
  - { id: ports, title: Ports, members: [transport, water], private: true, staff: [ada] }
`;

test("a directory file gives organisations, people, assets, sensors, groups and agreements", () => {
  const { directory, problems } = readText(harbour);
  assert.deepEqual(problems, []);
  const transport = directory.organisations[1];
  assert.deepEqual(transport, {
    id: "organisation:transport",
    key: "transport",
    names: { en: "Harbour Transport Department", "zh-Hant-HK": "海港運輸署", "zh-Hans": "海港运输署" },
    kind: "member",
    parent: "organisation:government",
    sector: "transport",
    languages: ["zh-Hant-HK", "en"],
    clientOf: ["organisation:cert"],
    shadow: false,
    zone: "Asia/Hong_Kong",
    since: now,
  });
  assert.equal(directory.community.anchor, "organisation:cert");
  assert.equal(directory.organisations[3]?.shadow, true); // members start in shadow
  assert.deepEqual(directory.people[1]?.channels, [
    { kind: "email", address: "chan@transport.example", proven: false },
    { kind: "phone", number: "+85255500142", proven: false },
  ]);
  assert.deepEqual(directory.people[2]?.organisations, [
    { organisation: "organisation:transport", role: "security-contact" },
    { organisation: "organisation:water", role: "viewer" },
  ]);
  assert.deepEqual(
    directory.assets.map((asset) => [asset.kind, asset.value, asset.from, asset.to, proven(asset), asset.worth]),
    [
      ["network", "203.0.113.16/28", at("2024-01-01"), at("2026-01-01"), true, "high"],
      ["network", "203.0.113.16/28", at("2026-01-01"), undefined, false, "normal"],
      ["network", "2001:db8:7::/48", 0, undefined, false, "normal"],
      ["domain", "transport.example", 0, undefined, true, "normal"],
      ["email-domain", "transport.example", 0, undefined, false, "normal"],
      ["asn", "AS64500", 0, undefined, false, "normal"],
      ["product", "cpe:2.3:a:example:vpn:9.1:*:*:*:*:*:*:*", 0, undefined, false, "normal"],
    ],
  );
  assert.equal(new Set(directory.assets.map((asset) => asset.id)).size, 7);
  assert.deepEqual(directory.sensors[0]?.networks, ["10.20.0.0/16"]);
  assert.deepEqual(directory.groups[0]?.staff, ["person:ada"]);
  assert.deepEqual(directory.agreements[0], {
    party: "organisation:overseas",
    tlpMax: "green",
    papMax: "amber",
    anonymiseSources: true,
    acceptsPii: false,
    purposes: ["detection", "blocking"],
    from: now,
  });
});

test("every problem of a file is told, each with pointer, line and column", () => {
  const text = `community: { name: { en: C }, zone: Asia/Hongkong City, colour: red }
organisations:
  - id: Transport_1
    name: { en: T }
  - id: water
    name: { en: W, fr: Eau }
    parent: nobody
    kind: guest
    people:
      - { id: a, name: A, email: a-at-water, role: boss }
      - { id: a, name: A, email: a@water.example, role: administrator }
    assets:
      - { kind: network, value: 203.0.113.17/28 }
      - { kind: network, value: 0.0.0.0/0 }
      - { kind: network, value: 10.0.0.0/8 }
      - { kind: domain, value: co.uk, from: yesterday }
      - { kind: network, value: 198.51.100.0/24, from: 2024-01-01, to: 2025-01-01 }
      - { kind: network, value: 198.51.100.0/24, from: 2024-06-01, to: 2026-01-01 }
      - { kind: network, value: 192.0.2.0/24, from: 2025-01-01, to: 2024-01-01 }
      - { kind: cloud, value: x }
      - { kind: asn }
      - just text
  - id: water
    name: { en: W2 }
people:
  - { id: b, name: B, email: b@b.example, organisations: [{ id: ghost, role: viewer }] }
`;
  assert.deepEqual(shown(text), [
    "WGL_DIRECTORY_ZONE /community/zone 1: Asia/Hon",
    "WGL_DIRECTORY_KEY /community/colour 1: colour: ",
    "WGL_DIRECTORY_ID /organisations/0/id 3: Transpor",
    "WGL_DIRECTORY_KEY /organisations/1/name/fr 6: fr: Eau ",
    "WGL_DIRECTORY_UNKNOWN /organisations/1/parent 7: nobody",
    "WGL_DIRECTORY_WORD /organisations/1/kind 8: guest",
    "WGL_EMAIL /organisations/1/people/0/email 10: a-at-wat",
    "WGL_DIRECTORY_WORD /organisations/1/people/0/role 10: boss }",
    "WGL_DIRECTORY_TWICE /organisations/1/people/1/id 11: a, name:",
    "WGL_DIRECTORY_ROLE /organisations/1/people/1/role 11: administ",
    "WGL_NETWORK_HOST_BITS /organisations/1/assets/0/value 13: 203.0.11",
    "WGL_ASSET_BROAD /organisations/1/assets/1/value 14: 0.0.0.0/",
    "WGL_ASSET_BROAD /organisations/1/assets/2/value 15: 10.0.0.0",
    "WGL_ASSET_BROAD /organisations/1/assets/3/value 16: co.uk, f",
    "WGL_TIME /organisations/1/assets/3/from 16: yesterda",
    "WGL_DIRECTORY_TWICE /organisations/1/assets/5 18: { kind: ",
    "WGL_DIRECTORY_PERIOD /organisations/1/assets/6/to 19: 2024-01-",
    "WGL_DIRECTORY_WORD /organisations/1/assets/7/kind 20: cloud, v",
    "WGL_DIRECTORY_MISSING /organisations/1/assets/8 21: { kind: ",
    "WGL_DIRECTORY_SHAPE /organisations/1/assets/9 22: just tex",
    "WGL_DIRECTORY_TWICE /organisations/2/id 23: water",
    "WGL_DIRECTORY_UNKNOWN /people/0/organisations/0/id 26: ghost, r",
  ]);
  const read = readText(text);
  const host = read.problems.find((one) => one.code === "WGL_NETWORK_HOST_BITS");
  assert.equal(host?.message, 'Cannot use network "203.0.113.17/28", it has host bits: wanted "203.0.113.16/28"');
  // What is good is read all the same.
  assert.deepEqual(
    read.directory.assets.map((asset) => asset.value),
    ["198.51.100.0/24"],
  );
});

test("an organisation cannot stand below itself", () => {
  const read = readText(`community: { name: { en: C }, zone: UTC }
organisations:
  - { id: a, name: { en: A }, parent: c }
  - { id: b, name: { en: B }, parent: a }
  - { id: c, name: { en: C }, parent: b }
  - { id: d, name: { en: D }, parent: a }
  - { id: e, name: { en: E }, parent: e }
`);
  assert.deepEqual(told(read), [
    "WGL_DIRECTORY_CIRCLE /organisations/0 line 3 column 5",
    "WGL_DIRECTORY_CIRCLE /organisations/1 line 4 column 5",
    "WGL_DIRECTORY_CIRCLE /organisations/2 line 5 column 5",
    "WGL_DIRECTORY_CIRCLE /organisations/4 line 7 column 5",
  ]);
});

test("staff roles belong to the anchor's people, also for those who act for several", () => {
  const text = `community: { name: { en: C }, zone: UTC, anchor: cert }
organisations:
  - { id: cert, name: { en: CERT } }
  - { id: water, name: { en: W } }
people:
  - { id: x, name: X, email: x@x.example, organisations: [{ id: cert, role: analyst }, { id: water, role: analyst }] }
`;
  assert.deepEqual(shown(text), ["WGL_DIRECTORY_ROLE /people/0/organisations/1/role 6: analyst "]);
  assert.deepEqual(readText(text).directory.people[0]?.organisations, [
    { organisation: "organisation:cert", role: "analyst" },
  ]);
});

test("hostile YAML is a problem, never an exception", () => {
  const bomb = `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n`;
  assert.deepEqual(told(readText(bomb)), ["WGL_DIRECTORY_ALIAS line 1 column 7"]);
  assert.deepEqual(told(readText("community: !!js/function 'x'\n")), [
    "WGL_DIRECTORY_SYNTAX line 1 column 12",
    "WGL_DIRECTORY_ALIAS line 1 column 26",
  ]);
  for (const deep of ["[".repeat(100_000), "[".repeat(100_000) + "]".repeat(100_000)]) {
    const codes = new Set(readText(deep).problems.map((one) => one.code));
    assert(codes.has("WGL_DIRECTORY_SYNTAX"));
    assert(readText(deep).problems.length <= 10_001);
  }
  assert.deepEqual(told(readText("a: 1\n---\nb: 2\n")), ["WGL_DIRECTORY_SYNTAX line 2 column 1"]);
  assert.deepEqual(told(readText("")), ["WGL_DIRECTORY_SHAPE / line 1 column 1"]);
  assert.deepEqual(told(readText("__proto__: { polluted: yes }\norganisations: []\n")), [
    "WGL_DIRECTORY_KEY /__proto__ line 1 column 1",
    "WGL_DIRECTORY_MISSING / line 1 column 1",
  ]);
  assert.deepEqual(told(readDirectoryFile(new Uint8Array([0xff, 0xfe, 0x41]), ids, now)), ["WGL_DIRECTORY_TEXT "]);
  assert.deepEqual(told(readDirectoryFile(new Uint8Array(largestDirectory + 1), ids, now)), ["WGL_DIRECTORY_SIZE "]);
  const twice = readText("community: { name: { en: C, en: D }, zone: UTC }\norganisations: []\n");
  assert.deepEqual(told(twice), ["WGL_DIRECTORY_KEY_TWICE /community/name/en line 1 column 29"]);
  const bidi = readText('community: { name: { en: "C\\u202Eevil" }, zone: UTC }\norganisations: []\n');
  assert.deepEqual(told(bidi), ["WGL_VALUE_CONTROL /community/name/en line 1 column 26"]);
});

const organisations = new Map([
  ["transport", "o-t" as OrganisationId],
  ["water", "o-w" as OrganisationId],
]);

test("assets come from CSV too, with columns in any order and quotes", () => {
  const { assets, problems } = readAssetFile(
    bytes(
      `\uFEFFkind,organisation,value,proof,from,to\r\nnetwork,transport,203.0.113.0/28,registry,2024-01-01,\r\n\r\n"domain","water","water.example",,,2025-01-01\r\n`,
    ),
    organisations,
    ids,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    assets.map(({ id: _id, ...rest }) => rest),
    [
      {
        kind: "network",
        value: "203.0.113.0/28",
        from: at("2024-01-01"),
        proof: "registry",
        worth: "normal",
        organisation: "o-t",
      },
      {
        kind: "domain",
        value: "water.example",
        from: 0,
        to: at("2025-01-01"),
        proof: "declared",
        worth: "normal",
        organisation: "o-w",
      },
    ],
  );
});

test("each CSV problem has its line and column", () => {
  const read = readAssetFile(
    bytes(
      [
        "organisation,kind,value,from,to,proof",
        "transport,network,203.0.113.9/28,,,",
        "ghost,domain,x.example,,,",
        "transport,domain,x.example,,",
        'transport,domain,"x.example"y,,,',
        'transport,domain,"two',
        'lines",,,',
        "transport,domain,x.example,,,guessed",
        "water,domain,w.example,,,",
        "water,domain,w.example,2020-01-01,,",
        'transport,domain,"never closed',
      ].join("\n"),
    ),
    organisations,
    ids,
  );
  assert.deepEqual(told(read), [
    "WGL_NETWORK_HOST_BITS line 2 value",
    "WGL_DIRECTORY_UNKNOWN line 3 organisation",
    "WGL_DIRECTORY_COLUMNS line 4",
    "WGL_DIRECTORY_SYNTAX line 5",
    "WGL_DOMAIN line 6 value",
    "WGL_DIRECTORY_WORD line 8 proof",
    "WGL_DIRECTORY_TWICE line 10 value",
    "WGL_DIRECTORY_SYNTAX line 11",
  ]);
  assert.deepEqual(
    read.assets.map((asset) => asset.value),
    ["w.example"],
  );
});

test("a CSV without its header is not read at all", () => {
  const read = readAssetFile(bytes("transport,network,203.0.113.0/28,,,\n"), organisations, ids);
  assert.deepEqual(read.assets, []);
  assert(told(read).includes("WGL_DIRECTORY_MISSING line 1"));
  assert.deepEqual(told(readAssetFile(bytes(""), organisations, ids)), ["WGL_DIRECTORY_MISSING line 1"]);
});
