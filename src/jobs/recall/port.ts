import type { Licence, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { ClaimRow } from "#intel/ports.ts";

/** An object of a sender that is not what it was. */
export interface StixAsked {
  readonly collection: number;
  /** Absent: the community itself. */
  readonly sender?: OrganisationId;
  readonly id: string;
  readonly why: "false" | "withdrawn" | "tightened";
  /** Its last text and TLP, where it is not kept any more. */
  readonly last?: { readonly body: string; readonly spec: string; readonly tlp: Tlp };
}

/** An attribute of MISP's that may not be what it was. */
export interface MispAsked {
  readonly n: number;
  readonly object?: number;
  readonly sender?: OrganisationId;
  readonly uuid: string;
  readonly type: string;
  readonly value: string;
  readonly tlp: Tlp;
  /** About a person: its value is not said again. */
  readonly personal: boolean;
  readonly deleted: boolean;
}

/** A STIX object that states an indicator here, by the claim it made. */
export interface StixStated {
  /** Public id of the indicator. */
  readonly indicator: string;
  readonly feed: string;
  readonly collection: number;
  /** Absent: the community itself. */
  readonly sender?: OrganisationId;
  readonly id: string;
  /** Nothing that it states stands any more: each value was judged false or is gone. */
  readonly empty: boolean;
}

/** A MISP attribute that states an indicator here. */
export interface MispStated {
  readonly indicator: string;
  readonly feed: string;
  readonly attribute: number;
  readonly object?: number;
  readonly event: number;
  /** A person judged the value, or this source's word of it, false. */
  readonly judged: boolean;
}

/** From values to the objects of partners that state them, and back; inside an act. */
export interface RecallState {
  readonly stix: (indicators: readonly string[]) => Promise<readonly StixStated[]>;
  readonly misp: (
    indicators: readonly { readonly id: string; readonly kind: string; readonly value: string }[],
  ) => Promise<readonly MispStated[]>;
  /** Objects of which nothing stands are staff's alone. @returns those that were not before */
  readonly hideStix: (objects: readonly StixStated[]) => Promise<readonly StixStated[]>;
  /** They stand again, and arrive anew; who was told that they are revoked is told so no more. */
  readonly showStix: (objects: readonly StixStated[]) => Promise<number>;
  /** Deleted, as MISP's readers see it: with a new timestamp, on their event too where its readers are the attribute's. */
  readonly hideMisp: (attributes: readonly MispStated[], seconds: number) => Promise<number>;
  readonly showMisp: (attributes: readonly MispStated[], seconds: number) => Promise<number>;
  /** Ids of the indicators among what this party was sent. */
  readonly indicatorsSentTo: (party: OrganisationId) => Promise<readonly string[]>;
  /** Who was sent anything that can be taken back. */
  readonly receivers: () => Promise<readonly OrganisationId[]>;
  /** What this party asked when it received something, sorted. */
  readonly queriesOf: (party: OrganisationId) => Promise<readonly string[]>;
  readonly stixSentTo: (party: OrganisationId) => Promise<readonly Omit<StixAsked, "why">[]>;
  /** Numbers of MISP events of which it received an attribute. */
  readonly eventsSentTo: (party: OrganisationId) => Promise<readonly number[]>;
  /** Who received an object of this collection. */
  readonly readersOf: (collection: string) => Promise<readonly OrganisationId[]>;
  /** All of an event, deleted ones too. */
  readonly attributesOf: (
    of: number | { readonly object: number } | { readonly attribute: number },
  ) => Promise<readonly MispAsked[]>;
  /** Of these rows, those whose claim can be told to more people now than when they are merged, and how it could be. */
  readonly tightened: (feed: string, rows: readonly ClaimRow[]) => Promise<readonly ClaimWas[]>;
}

/** A claim as it was before it was tightened. */
export interface ClaimWas {
  readonly id: string;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
}
