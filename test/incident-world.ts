import { createHash } from "node:crypto";
import type { Organisation } from "#community/organisation.ts";
import type { Directory } from "#community/directory.ts";
import type { Grade } from "#core/grade.ts";
import { type Instant, instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Hit } from "#detect/hit.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { type ClaimedHit, type Community, hitId } from "#jobs/findings/record-hits.ts";

/** What tests of findings stand on: organisations, hits with their claims, ids that are the same in every run. */
export const now: Instant = instant(Date.parse("2026-11-21T08:00:00Z"));

export const o = (name: string): OrganisationId => name as OrganisationId;

export const idOf = (kind: string, key: string): string => {
  const hex = createHash("sha256").update(`${kind}\0${key}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
};

export const community: Community = {
  shadow: (organisation) => organisation.startsWith("new"),
  worth: () => "normal",
  idOf,
};

export const organisation = (key: string, some: Partial<Organisation> = {}): Organisation => ({
  ...{
    id: o(key),
    key,
    names: { en: key },
    kind: "member",
    languages: ["en"],
    clientOf: [],
    shadow: false,
    zone: "UTC",
    since: instant(0),
  },
  ...some,
});

export const emptyDirectory: Directory = {
  ...{
    community: { names: { en: "CERT" }, zone: "UTC" },
    organisations: [],
    people: [],
    assets: [],
    sensors: [],
    groups: [],
    agreements: [],
  },
};

const b2: Grade = { source: "B", statement: 2 };

export const claim = (indicator: string, some: Partial<LiveClaim> = {}): LiveClaim => ({
  ...{
    indicator: idOf("indicator", indicator),
    feed: "list",
    grade: b2,
    labels: ["qakbot"],
    tlp: "green",
    pap: "clear",
    licence: "own",
  },
  ...{ voice: "alert", shadow: false, flags: [] },
  ...some,
});

/** Minutes after `now`; `line` tells hits of one minute apart. */
export const hit = (
  organisation: string,
  asset: string,
  indicator: string,
  some: {
    readonly minute?: number;
    readonly line?: number;
    readonly claims?: readonly LiveClaim[];
    readonly problem?: Hit["problem"];
  } = {},
): ClaimedHit => {
  const {
    minute = 0,
    line = 1,
    claims = [claim(indicator)],
    problem = { type: "infected-system", about: "qakbot" },
  } = some;
  const value = { kind: "domain" as const, value: indicator };
  return {
    claims,
    hit: {
      id: hitId([organisation, asset, indicator, minute, line]),
      detector: "indicator-match",
      ...{ organisation: o(organisation), asset, observable: value, indicator: value, problem },
      sources: claims.map((one) => one.feed),
      where: "dns-query",
      direction: "outbound",
      source: { address: asset, port: 40_000 + line },
      time: instant(now + minute * 60_000),
      severity: "high",
      attack: ["T1071"],
      evidence: { file: "eve.json", line, text: `{"asset":"${asset}","seen":"${indicator}","line":${line}}` },
    },
  };
};
