import type { Tlp } from "#core/marking.ts";

/** One of the marking definitions that the specifications fix. */
export interface TlpDefinition {
  /** As written inside the definition. */
  readonly tlp: string;
  readonly created: string;
}

const since2017 = "2017-01-20T00:00:00.000Z";
const since2022 = "2022-10-01T00:00:00.000Z";

/**
 * TLP 1, by id; whoever uses one must use it as it is here.
 * @see STIX 2.1 §7.2.1.4 TLP Marking Object Type
 */
export const tlp1Definitions: ReadonlyMap<string, TlpDefinition> = new Map([
  ["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", { tlp: "white", created: since2017 }],
  ["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", { tlp: "green", created: since2017 }],
  ["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", { tlp: "amber", created: since2017 }],
  ["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", { tlp: "red", created: since2017 }],
]);

/** TLP 2.0, by id; said in the extension `tlp20Extension`. @see OASIS CTI, extension definition TLP 2.0 (`tlp_2_0`) */
export const tlp2Definitions: ReadonlyMap<string, TlpDefinition> = new Map([
  ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", { tlp: "clear", created: since2022 }],
  ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", { tlp: "green", created: since2022 }],
  ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", { tlp: "amber", created: since2022 }],
  ["marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", { tlp: "amber+strict", created: since2022 }],
  ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", { tlp: "red", created: since2022 }],
]);

const tlpNamed: Readonly<Record<string, Tlp>> = {
  ...{ white: "clear", clear: "clear", green: "green" },
  ...{ amber: "amber", "amber+strict": "amber+strict", red: "red" },
};

/**
 * The TLP each of these ids stands for; they are fixed by the specifications and must not be re-minted. TLP 1 "white" is
 * TLP 2 "clear"; TLP 1 "amber" let the recipient's clients know too, as TLP 2 "amber" does.
 */
export const tlpOfMarking: ReadonlyMap<string, Tlp> = new Map(
  [...tlp1Definitions, ...tlp2Definitions].map(([id, { tlp }]) => [id, tlpNamed[tlp] ?? "red"]),
);

/** The TLP 2.0 marking definition for a TLP, for objects we write ourselves. */
export const markingOfTlp: Readonly<Record<Tlp, string>> = {
  clear: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
  green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
  amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
  "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
  red: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
};

/** Extension under which a marking definition says its TLP 2.0 colour. */
export const tlp20Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/** The object a TLP marking id stands for, as the specifications print it; it goes out beside what it marks. */
export const tlpMarkingObject = (id: string): Readonly<Record<string, unknown>> | undefined => {
  const first = tlp1Definitions.get(id);
  const head = { type: "marking-definition", spec_version: "2.1", id };
  if (first !== undefined)
    return {
      ...head,
      created: first.created,
      definition_type: "tlp",
      name: `TLP:${first.tlp.toUpperCase()}`,
      definition: { tlp: first.tlp },
    };
  const second = tlp2Definitions.get(id);
  if (second === undefined) return undefined;
  return {
    ...head,
    created: second.created,
    name: `TLP:${second.tlp.toUpperCase()}`,
    extensions: { [tlp20Extension]: { extension_type: "property-extension", tlp_2_0: second.tlp } },
  };
};
