import { type Licence, type Marking, stricterPap, stricterTlp, tlps } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";

/**
 * The marking of something made from several rows (a report, a digest, a merged indicator): whoever may see the whole
 * may see each part. TLP and PAP are the strictest, the licence the narrowest, a group stays. Rows of AMBER and above
 * that belong to different owners have no common audience but staff: the whole then belongs to the community, at
 * AMBER+STRICT or RED.
 *
 * @param markings at least one
 * @returns problem WGL_MARKING_GROUPS when parts belong to different groups: nobody is known to be in both
 */
export const derive = (markings: readonly [Marking, ...Marking[]]): Result<Marking> => {
  const groups = distinct(markings.map((one) => one.group));
  if (groups.length > 1) return no("WGL_MARKING_GROUPS", { count: groups.length });
  const tlp = markings.map((one) => one.tlp).reduce(stricterTlp);
  const owners = [...new Set(markings.map((one) => one.owner))];
  const bound = [...new Set(markings.filter((one) => isBound(one)).map((one) => one.owner))];
  const deciding = bound.length > 0 ? bound : owners;
  const owner = deciding.length === 1 ? deciding[0] : undefined;
  const apart = bound.length > 1;
  const locals = distinct(markings.flatMap((one) => one.local?.split(and)));
  return ok({
    ...(owner === undefined ? {} : { owner }),
    tlp: apart ? stricterTlp(tlp, "amber+strict") : tlp,
    pap: markings.map((one) => one.pap).reduce(stricterPap),
    ...(groups[0] === undefined ? {} : { group: groups[0] }),
    licence: markings.map((one) => one.licence).reduce(narrower),
    ...(locals.length === 0 ? {} : { local: locals.sort().join(and) }),
  });
};

/** Between local classifications that met in one object: "RESTRICTED + INTERNAL"; each of them binds. */
const and = " + ";

export const localsOf = (marking: Marking): readonly string[] => marking.local?.split(and) ?? [];

/** True where the owner decides who may see it: CLEAR and GREEN reach every member and partner, whoever owns them. */
const isBound = (marking: Marking): boolean => tlps.indexOf(marking.tlp) >= tlps.indexOf("amber");

const distinct = <T>(values: readonly (T | undefined)[]): T[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** How little a licence allows, in steps: who may have it first, then how much must be said with it. */
const narrowness = {
  own: 0,
  "CC0-1.0": 1,
  Unlicense: 2,
  MIT: 3,
  "CC-BY-4.0": 4,
  "ATT&CK": 5,
  "first-epss": 6,
  "cve-terms": 7,
  "spamhaus-drop": 8,
  "non-commercial": 9,
  "no-redistribution": 10,
  unknown: 11,
} as const satisfies Record<Licence, number>;

export const narrower = (a: Licence, b: Licence): Licence => (narrowness[a] >= narrowness[b] ? a : b);
