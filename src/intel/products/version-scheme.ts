import { compareDebian } from "./debian.ts";
import { compareGem } from "./gem.ts";
import { compareGeneric } from "./generic-version.ts";
import { compareMaven } from "./maven.ts";
import type { Compare } from "./order.ts";
import { comparePep440 } from "./pep440.ts";
import { compareRpm } from "./rpm.ts";
import { compareNuget, compareSemver } from "./semver.ts";

const schemes = {
  semver: compareSemver,
  nuget: compareNuget,
  pep440: comparePep440,
  deb: compareDebian,
  rpm: compareRpm,
  maven: compareMaven,
  gem: compareGem,
  generic: compareGeneric,
  // commits have no order that their names would tell
  git: (a, b) => (a === b ? 0 : undefined),
} as const satisfies Record<string, Compare>;

/** How the versions of a product are ordered. */
export type VersionScheme = keyof typeof schemes;
export const versionSchemes = Object.keys(schemes) as readonly VersionScheme[];

/** Types of package URLs, of VERS ranges and of CVE records (`versionType`), whose scheme we know. */
const byName: Readonly<Record<string, VersionScheme>> = {
  ...{ semver: "semver", npm: "semver", cargo: "semver", golang: "semver", go: "semver", hex: "semver", pub: "semver" },
  ...{ swift: "semver", conan: "semver", nuget: "nuget", pypi: "pep440", python: "pep440", pep440: "pep440" },
  ...{ deb: "deb", dpkg: "deb", debian: "deb", ebuild: "generic", rpm: "rpm", alpm: "rpm", maven: "maven" },
  ...{ gem: "gem", rubygems: "gem", git: "git" },
};

/** "pypi" → PEP 440; a type that we do not know is ordered as dotted numbers. */
export const schemeOf = (name: string): VersionScheme =>
  Object.hasOwn(byName, name.toLowerCase()) ? (byName[name.toLowerCase()] ?? "generic") : "generic";

/**
 * Negative: a is before b. `undefined`: the scheme does not order them, because one is no version of it.
 * Total over the versions of a scheme (laws in test/product-versions.test.ts).
 */
export const compareVersions = (scheme: VersionScheme, a: string, b: string): number | undefined =>
  a === b ? 0 : schemes[scheme](a, b);
