import type { Brand } from "#core/brand.ts";
import { no, ok, type Result } from "#core/result.ts";

/** Public id of an organisation: opaque, unordered. */
export type OrganisationId = Brand<string, "OrganisationId">;
export type GroupId = Brand<string, "GroupId">;

/** FIRST TLP 2.0, widest audience first; the order is the order of the array. */
export const tlps = ["clear", "green", "amber", "amber+strict", "red"] as const;
export type Tlp = (typeof tlps)[number];

/** MISP PAP, least bound first. */
export const paps = ["clear", "green", "amber", "red"] as const;
export type Pap = (typeof paps)[number];

/**
 * Who may have a row. Every row a Viewer can reach carries one.
 * `owner` absent: the community's own knowledge (feeds). `group` present: its members only, whatever the TLP allows.
 * `licence` is a key of `licences`: it binds what may leave as TLP does.
 */
export interface Marking {
  readonly owner?: OrganisationId;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly group?: GroupId;
  readonly licence: Licence;
  /** A site's own scheme, e.g. "RESTRICTED"; kept and shown, mapped to TLP on entry. */
  readonly local?: string;
}

/** What a source's terms allow us to pass on; `why` names the terms. */
export const licences = {
  own: { passOn: "anyone", why: "written here, or by the member it concerns" },
  "CC0-1.0": { passOn: "anyone", why: "public domain" },
  "CC-BY-4.0": { passOn: "anyone", why: "with the source named" },
  MIT: { passOn: "anyone", why: "with the notice" },
  Unlicense: { passOn: "anyone", why: "public domain" },
  "spamhaus-drop": {
    passOn: "anyone",
    why: "free to use, with the text and date of the list kept (Spamhaus DROP terms)",
  },
  "ATT&CK": { passOn: "anyone", why: "with MITRE's notice: © The MITRE Corporation, reproduced with its permission" },
  "first-epss": { passOn: "anyone", why: "free to use, with EPSS at first.org named" },
  "cve-terms": { passOn: "anyone", why: "free to copy, with the CVE Program's terms of use named" },
  "non-commercial": { passOn: "community", why: "not to be sold; members only" },
  "no-redistribution": { passOn: "nobody", why: "to be used here, not passed on" },
  unknown: { passOn: "nobody", why: "no terms are known, so nothing is assumed" },
} as const;
void (licences satisfies Record<string, { passOn: "anyone" | "community" | "nobody"; why: string }>);
export type Licence = keyof typeof licences;

export const stricterTlp = (a: Tlp, b: Tlp): Tlp => (tlps.indexOf(a) >= tlps.indexOf(b) ? a : b);
export const stricterPap = (a: Pap, b: Pap): Pap => (paps.indexOf(a) >= paps.indexOf(b) ? a : b);

/** "TLP:AMBER+STRICT", "amber+strict", "tlp:white" (TLP 1, now CLEAR). Anything else is a problem, never a guess. */
export const parseTlp = (text: string): Result<Tlp> => {
  const bare = text.trim().toLowerCase().replace(/^tlp:/, "");
  const current = bare === "white" ? "clear" : bare;
  const found = tlps.find((tlp) => tlp === current);
  return found ? ok(found) : no("WGL_TLP", { value: text });
};

/** As FIRST writes it: "TLP:AMBER+STRICT"; never translated. */
export const printTlp = (tlp: Tlp): string => `TLP:${tlp.toUpperCase()}`;
