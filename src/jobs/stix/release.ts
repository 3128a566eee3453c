import type { Recipient } from "#community/recipient.ts";
import { scopeOfRecipient } from "#community/recipient.ts";
import { type Released, release } from "#community/release.ts";
import type { Purpose } from "#community/agreement.ts";
import { inForce } from "#community/agreement.ts";
import type { Instant } from "#core/instant.ts";
import {
  type Licence,
  licences,
  type Marking,
  type OrganisationId,
  paps,
  stricterTlp,
  type Tlp,
  tlps,
} from "#core/marking.ts";
import { stixKey } from "#jobs/collect/receipts.ts";
import type { StixPageAsked, StixReach, StixRow } from "./objects-port.ts";
import type { Tx } from "#jobs/ports.ts";
import type { Micros } from "#share/taxii-date.ts";

/** What leaves of an object: its text, and what TAXII says beside it. */
export interface StixOut {
  readonly addedAt: Micros;
  readonly id: string;
  readonly version: string;
  readonly spec: string;
  readonly body: string;
}

/** Who it is for, and why: what `release` needs beside the object. */
export interface StixFor {
  readonly recipient: Recipient & { readonly party: OrganisationId };
  readonly purpose: Purpose;
  readonly now: Instant;
}

/**
 * A page of what this recipient may have. The reach keeps out in SQL what `release` would withhold, so that pages are full
 * and `more` is exact; each row goes through `release` all the same, and what it withholds makes room for the next.
 */
export const releasePage = async (
  tx: Tx,
  asked: StixPageAsked,
  whom: StixFor,
): Promise<{
  readonly page: readonly Released<StixOut>[];
  readonly more: boolean;
  /** What was received by it, for the ledger. */
  readonly keys: readonly bigint[];
}> => {
  const reach = reachOf(whom);
  if (reach === undefined) return { page: [], more: false, keys: [] };
  const page: Released<StixOut>[] = [];
  const keys: bigint[] = [];
  let { after } = asked;
  for (;;) {
    const { rows, more } = await tx.stix.page({ ...asked, after, limit: asked.limit - page.length }, reach);
    const released = rows.flatMap((row) => {
      const one = releaseStix(row, whom);
      // one's own needs nobody to take it back
      if (one !== undefined && row.addressee === undefined && row.sender !== whom.recipient.party)
        keys.push(stixKey(asked.collection, row.sender, row.id));
      return one ?? [];
    });
    page.push(...released);
    const last = rows.at(-1);
    if (last === undefined || !more || page.length >= asked.limit || released.length === rows.length)
      return { page, more, keys };
    after = last.addedAt;
  }
};

/** True when the recipient may have this row, whole or in parts. */
export const mayHave = (row: StixRow, whom: StixFor): boolean => releaseStix(row, whom) !== undefined;

/**
 * The bounds of an agreement as plain data, for SQL; undefined: nothing may leave. Says exactly what `release` says of
 * markings without group-free exceptions; a property test holds it to that.
 */
export const reachOf = ({ recipient, purpose, now }: StixFor): StixReach | undefined => {
  const { agreement } = recipient;
  if (agreement === undefined || agreement.party !== recipient.party || !inForce(agreement, now)) return undefined;
  if (!agreement.purposes.includes(purpose)) return undefined;
  const member = recipient.kind === "organisation";
  return {
    scope: scopeOfRecipient(recipient),
    tlps: tlps.slice(0, tlps.indexOf(agreement.tlpMax) + 1),
    paps: paps.slice(0, paps.indexOf(agreement.papMax) + 1),
    licences: (Object.keys(licences) as Licence[]).filter((one) => {
      const { passOn } = licences[one];
      return passOn === "anyone" || (passOn === "community" && member);
    }),
    personal: agreement.acceptsPii,
    party: recipient.party,
  };
};

/**
 * One object through `release`. Its text is one field, so that it leaves byte for byte or not at all; only where a part has
 * a marking that may not go is it taken apart and written anew without that part.
 */
export const releaseStix = (row: StixRow, whom: StixFor): Released<StixOut> | undefined => {
  const { parts } = row;
  if (row.addressee !== undefined && row.addressee !== whom.recipient.party) return undefined;
  if (parts === undefined) return whole(row, row.marking, row.body, whom);
  const strictest = Object.values(parts).reduce(stricterTlp, row.marking.tlp);
  return whole(row, { ...row.marking, tlp: strictest }, row.body, whom) ?? inParts(row, parts, whom);
};

const whole = (row: StixRow, marking: Marking, body: string, whom: StixFor): Released<StixOut> | undefined => {
  const fields: StixOut = { addedAt: row.addedAt, id: row.id, version: row.written, spec: row.spec, body };
  const outcome = release({ marking, released: row.shadow === undefined, fields }, whom.recipient, {
    ...policy(whom),
    fields: row.personal ? personal : plain,
  });
  // A personal body that may not go leaves nothing worth sending
  return outcome.ok && "body" in outcome.released.value ? (outcome.released as Released<StixOut>) : undefined;
};

const plain = { addedAt: "must", id: "must", version: "must", spec: "must", body: "must" } as const;
const personal = { ...plain, body: "personal" } as const;

const inParts = (row: StixRow, parts: Readonly<Record<string, Tlp>>, whom: StixFor): Released<StixOut> | undefined => {
  const object = JSON.parse(row.body) as Record<string, unknown>;
  const outcome = release(
    {
      marking: row.marking,
      released: row.shadow === undefined,
      fields: object,
      parts: Object.fromEntries(Object.entries(parts).map(([field, tlp]) => [field, { ...row.marking, tlp }])),
    },
    whom.recipient,
    { ...policy(whom), fields: Object.fromEntries(Object.keys(object).map((field) => [field, "may" as const])) },
  );
  if (!outcome.ok) return undefined;
  return whole(row, row.marking, JSON.stringify(withoutSelectors(outcome.released.value)), whom);
};

/** Granular markings that speak of what is gone go too: a selector must name something (STIX 2.1 §7.2.3). */
const withoutSelectors = (object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { granular_markings: marks, ...rest } = object;
  if (!Array.isArray(marks)) return object;
  const left = marks.flatMap((mark: Readonly<Record<string, unknown>>) => {
    const selectors = (Array.isArray(mark["selectors"]) ? mark["selectors"] : []).filter(
      (one: unknown) => typeof one === "string" && Object.hasOwn(object, one.split(".", 1)[0] ?? ""),
    );
    return selectors.length === 0 ? [] : [{ ...mark, selectors }];
  });
  return left.length === 0 ? rest : { ...rest, granular_markings: left };
};

const policy = ({ purpose, now }: StixFor) => ({ now, purpose, local: {}, anonymous: "" });
