import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Language, Names } from "#words/language.ts";

/** member: served and alerted. partner: a party we exchange with (an overseas CERT, an ISAC), never given AMBER unasked. */
export const organisationKinds = ["member", "partner"] as const;
export type OrganisationKind = (typeof organisationKinds)[number];

export interface Organisation {
  /** Public, opaque, unordered; the one other parties see. */
  readonly id: OrganisationId;
  /** The name in the directory file, kebab-case; staff and files use it, it never leaves. */
  readonly key: string;
  readonly names: Names;
  readonly kind: OrganisationKind;
  /** Bureau → department → unit. The tree is for people and escalation: a parent sees none of its children's rows. */
  readonly parent?: OrganisationId;
  /** The community's own word, kebab-case: "transport", "health". Absent: not said. */
  readonly sector?: string;
  /** In which its alerts are written, first preferred; never empty. */
  readonly languages: readonly Language[];
  /** Whose client it is, in the sense of TLP 2.0: AMBER of these organisations may reach it. */
  readonly clientOf: readonly OrganisationId[];
  /** True: its findings are seen by staff only, until a person lets them speak. Members start so. */
  readonly shadow: boolean;
  /** IANA time zone in which its people read times: "Asia/Hong_Kong". */
  readonly zone: string;
  /** When it joined. */
  readonly since: Instant;
}
