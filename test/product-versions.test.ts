import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseVers, printVers } from "#intel/products/vers.ts";
import { compareVersions, schemeOf, type VersionScheme, versionSchemes } from "#intel/products/version-scheme.ts";
import { memberOf, setOfVers, spansOf } from "#intel/products/version-set.ts";
import type { AffectedSpan } from "#feeds/affect.ts";

/** Each line in ascending order, "=" between equals; the order of every pair in a line is asserted. */
const tables: Readonly<Record<string, readonly string[]>> = {
  // SemVer 2.0.0 §11
  semver: [
    "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0",
    "1.0.0 < 2.0.0 < 2.1.0 < 2.1.1 < 10.0.0",
    "1.0.0+build.1 = 1.0.0+build.2 = v1.0.0 = 1.0",
    "v0.0.0-20190101000000-abcdefabcdef < v0.0.0-20200101000000-abcdefabcdef < v0.1.0+incompatible",
  ],
  // NuGet package versioning: four numbers, labels without case
  nuget: ["1.0.0-Alpha = 1.0.0-alpha", "1.0.0 < 1.0.0.1 < 1.0.1", "1.0 = 1.0.0.0"],
  // PEP 440, "Summary of permitted suffixes and relative ordering", and its normal forms
  pep440: [
    "1.dev0 < 1.0.dev456 < 1.0a1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 < 1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 < 1.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 < 1.0.15 < 1.1.dev1",
    "2013.10 < 2014.04 < 1!1.0 < 1!1.1 < 1!2.0",
    "1.1RC1 = 1.1rc1 = 1.1.c1 = 1.1-pre-1",
    "1.0 = 1.0.0 = v1.0",
    "1.0-1 = 1.0.post1 = 1.0-r1",
  ],
  // Debian Policy §5.6.12: "~~", "~~a", "~", the empty part, "a"
  deb: [
    "1~~ < 1~~a < 1~ < 1 < 1a",
    "1.0~beta1~svc1245 < 1.0~beta1 < 1.0",
    "1.1.1n-0+deb11u4 < 1.1.1n-0+deb11u5 < 1.1.1w-0+deb11u1 < 3.0.11-1~deb12u2 < 3.0.11-1",
    "9.9 < 1:0.1 < 1:0.2",
    "0:1.2 = 1.2 = 1.2-0",
    "1.2a < 1.2+b",
  ],
  // rpm-version(7): runs of digits and letters, "~" before the end, "^" after it
  rpm: [
    "1.0~rc1 < 1.0 < 1.0^git1 < 1.0^git2 < 1.0.1",
    "1.0~rc1 < 1.0~rc1^git1 < 1.0",
    "1.0^git1~pre < 1.0^git1 < 1.01",
    "1.0^20160101 < 1.0^20160101^git1",
    "5.5p1 < 5.5p2 < 5.5p10 < 5.6p1 < 6.5p1",
    "10xyz < 10.1xyz",
    "xyz.4 < 2 < 8",
    "6.0 < 6.0.rc1",
    "10.0001 = 10.1",
    "2_0 = 2.0",
    "1.1.1k-7.el8_6 < 1.1.1k-9.el8_7 < 1:1.1.1k-1.el8",
  ],
  // Maven POM reference, "Version Order Specification"
  maven: [
    "1-alpha < 1-beta < 1-milestone < 1-rc < 1-snapshot < 1 < 1-sp < 1-abc < 1-1 < 1.1",
    "1.0-rc1 = 1.0-cr1",
    "1 = 1.0 = 1.0.0 = 1-ga = 1.final = 1.0.0-0.0.0",
    "1-a1 = 1-alpha-1",
    "1.0.0-foo.0.0 = 1-foo",
    "1-foo < 1-1 < 1.1",
    "2.0-beta9 < 2.0-rc1 < 2.0 < 2.0.1 < 2.3.1 < 2.12.2 < 2.14.1 < 2.15.0 < 2.17.0",
  ],
  gem: [
    "1.0.a2 < 1.0.b1 < 1.0 < 1.0.1 < 1.1.a < 1.1",
    "1.0 = 1.0.0",
    "3.0.0-rc1 = 3.0.0.pre.rc1",
    "7.0.8 < 7.0.8.1 < 7.0.10",
  ],
  // ours
  generic: [
    "1.0.2 < 1.1.1 < 1.1.1a < 1.1.1t < 1.1.2",
    "1.0-alpha < 1.0-beta2 < 1.0-rc1 < 1.0 = 1.0.0 < 1.0-patch1 < 1.0.1",
    "9.1(2) < 9.1(3) < 9.1(10)",
    "v4.2 = 4.2",
    "15.0 < 15.0su1 < 15.1",
  ],
};

for (const [scheme, lines] of Object.entries(tables) as readonly [VersionScheme, readonly string[]][])
  test(`compareVersions() orders ${scheme} as its document does`, () => {
    for (const line of lines) {
      const parts = line.split(/ ([<=]) /);
      const versions: readonly { readonly text: string; readonly rank: number }[] = parts.reduce<
        { readonly text: string; readonly rank: number }[]
      >(
        (all, text, at) =>
          at % 2 === 1 ? all : [...all, { text, rank: (all.at(-1)?.rank ?? 0) + Number(parts[at - 1] === "<") }],
        [],
      );
      for (const a of versions)
        for (const b of versions)
          assert.equal(
            Math.sign(compareVersions(scheme, a.text, b.text) ?? Number.NaN),
            Math.sign(a.rank - b.rank),
            `${scheme}: ${a.text} and ${b.text}`,
          );
    }
  });

test("compareVersions() says nothing of what is no version of the scheme", () => {
  for (const [scheme, text] of [
    ["semver", "latest"],
    ["pep440", "1.0-final-release"],
    ["deb", "not a version"],
    ["maven", "1.0 beta"],
    ["generic", "unknown"],
    ["generic", `1${".1".repeat(200)}`],
  ] as const)
    assert.equal(compareVersions(scheme, "1.0", text), undefined, `${scheme} ${text}`);
  assert.equal(compareVersions("git", "a1b2c3d", "a1b2c3e"), undefined);
  assert.equal(schemeOf("PyPI"), "pep440");
  assert.equal(schemeOf("constructor"), "generic");
});

const piece = fc.constantFrom(
  ...["0", "00", "1", "2", "10", "a", "b", "rc", "beta", "alpha", "sp", "x", "p1", "dev", "post", "final", "~", "^"],
);
const versionText = fc
  .array(fc.tuple(fc.constantFrom(".", "-", "", "_", "+"), piece), { maxLength: 5 })
  .chain((parts) => fc.nat(12).map((first) => `${first}${parts.map((part) => part.join("")).join("")}`));

for (const scheme of versionSchemes.filter((one) => one !== "git"))
  test(`${scheme}: the order is total, antisymmetric and transitive over its versions`, () => {
    const version = versionText.filter((text) => compareVersions(scheme, text, "1") !== undefined);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const sign = (x: string, y: string): number => Math.sign(compareVersions(scheme, x, y) ?? Number.NaN);
        assert.equal(sign(a, a), 0);
        assert.equal(sign(a, b) + sign(b, a), 0, `${a} and ${b}`);
        assert.ok(!(sign(a, b) <= 0 && sign(b, c) <= 0) || sign(a, c) <= 0, `${a}, ${b}, ${c}`);
        assert.ok(sign(a, b) !== 0 || sign(a, c) === sign(b, c), `${a} is ${b}, beside ${c}`);
      }),
      { numRuns: 1500 },
    );
  });

test("parseVers() reads, orders and prints ranges, and refuses what says two things", () => {
  for (const [text, canonical] of [
    ["vers:npm/1.2.3|>=2.0.0|<5.0.0", "vers:npm/1.2.3|>=2.0.0|<5.0.0"],
    ["vers:pypi/<0.1.5|0.0.6|0.0.1|0.0.5", "vers:pypi/0.0.1|0.0.5|0.0.6|<0.1.5"],
    ["vers:npm/*", "vers:npm/*"],
    ["vers:NPM/ >=1.0.0 | < 2.0.0 ", "vers:npm/>=1.0.0|<2.0.0"],
    ["vers:deb/=1%3A2.0", "vers:deb/1:2.0"],
  ] as const) {
    const read = parseVers(text);
    assert.ok(read.ok, text);
    assert.equal(printVers(read.value), canonical);
    assert.deepEqual(parseVers(printVers(read.value)), read);
  }
  for (const text of [
    "",
    "npm/1",
    "vers:npm",
    "vers:npm/",
    "vers:npm/>=",
    "vers:npm/1|1",
    "vers:npm/a|b",
    "vers:npm/=>1",
  ])
    assert.ok(!parseVers(text).ok, text);
});

test("a VERS range holds what its specification says", () => {
  for (const [text, inside, outside] of [
    ["vers:npm/1.2.3|>=2.0.0|<5.0.0", ["1.2.3", "2.0.0", "4.9.9"], ["1.2.4", "1.0.0", "5.0.0"]],
    ["vers:npm/<1.0.0|>=2.0.0", ["0.9.0", "2.0.0", "9.0.0"], ["1.0.0", "1.5.0"]],
    ["vers:npm/>1.0.0|!=1.5.0|<2.0.0", ["1.4.0", "1.6.0"], ["1.0.0", "1.5.0", "2.0.0"]],
    ["vers:npm/!=1.5.0", ["1.4.0", "9.0.0"], ["1.5.0"]],
    ["vers:npm/1.0.0|<2.0.0", ["0.1.0", "1.0.0", "1.9.0"], ["2.0.0"]],
    ["vers:maven/>=2.0-beta9|<=2.14.1", ["2.0-rc1", "2.14.1"], ["2.15.0", "2.0-beta8"]],
    ["vers:deb/<1.1.1n-0+deb11u5", ["1.1.1n-0+deb11u4"], ["1.1.1n-0+deb11u5"]],
    ["vers:npm/*", ["0.0.1"], []],
  ] as const) {
    const read = parseVers(text);
    assert.ok(read.ok, text);
    const set = setOfVers(read.value);
    for (const version of inside) assert.equal(memberOf(set, version), "in", `${version} in ${text}`);
    for (const version of outside) assert.equal(memberOf(set, version), "out", `${version} not in ${text}`);
  }
});

test("spansOf() takes bounds as NVD, CVE and CSAF write them, and prose where it must", () => {
  const member = (span: AffectedSpan, version: string): string => {
    const set = spansOf(span, "generic");
    return set.ok ? memberOf(set.value, version) : set.problem.code;
  };
  assert.equal(member({ from: "4.0", below: "4.2.1" }, "4.2"), "in");
  assert.equal(member({ above: "4.0", to: "4.2.1" }, "4.0"), "out");
  assert.equal(member({ from: "5.10.3", to: "5.10.*" }, "5.10.200"), "in");
  assert.equal(member({ from: "5.10.3", to: "5.10.*" }, "5.11"), "out");
  assert.equal(member({ exactly: "4.x" }, "4.7"), "in");
  assert.equal(member({ exactly: "4.x" }, "5.0"), "out");
  assert.equal(member({ vers: "vers:intdot/<4.2" }, "4.1.9"), "in");
  assert.equal(member({ vers: "vers:all/*" }, "1"), "in");
  for (const words of [
    "< V4.2",
    "<V4.2",
    "versions prior to 4.2",
    "4.1.9 and earlier",
    ">= 1.0 < 4.2",
    "All versions < V4.2",
  ])
    assert.deepEqual([member({ words }, "4.1.9"), member({ words }, "4.2")], ["in", "out"], words);
  assert.equal(member({ words: "all versions" }, "4.2"), "in");
  assert.equal(member({ words: "see the table in section 3" }, "4.2"), "WGL_PRODUCT_VERS");
  assert.equal(member({ from: "4.0" }, "unknown"), "unknown");
});
