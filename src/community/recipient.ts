import type { GroupId, OrganisationId } from "#core/marking.ts";
import type { Agreement } from "./agreement.ts";
import type { Scope } from "./visibility.ts";

/** To whom something may leave. `agreement` absent: none was signed, and nothing leaves. */
export type Recipient =
  | {
      readonly kind: "organisation" | "partner";
      readonly party: OrganisationId;
      readonly clientOf: readonly OrganisationId[];
      readonly groups: readonly GroupId[];
      readonly agreement?: Agreement;
    }
  | { readonly kind: "public"; readonly party: "public"; readonly agreement?: Agreement };

/** What the recipient could see here if it looked: nothing else may be sent to it. */
export const scopeOfRecipient = (recipient: Recipient): Scope =>
  recipient.kind === "public"
    ? { all: false, groups: [], own: [], clientsOf: [], audience: "public", red: false }
    : {
        all: false,
        groups: recipient.groups,
        own: [recipient.party],
        clientsOf: recipient.clientOf,
        audience: recipient.kind === "partner" ? "partner" : "member",
        red: false,
      };
