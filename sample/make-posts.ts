import type { Random } from "./random.ts";
import { misjudged, neighbour, posted } from "./story.ts";

const day = 86_400_000;
const iso = (time: number): string => new Date(time).toISOString();

/** A version 4 UUID (RFC 9562 §5.4) from the seed. */
export const uuid = (rng: Random): string => {
  const hex = rng.hex(32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${rng.pick(["8", "9", "a", "b"])}${hex.slice(17, 20)}-${hex.slice(20)}`;
};

/** TLP 2.0 markings by their fixed ids (STIX 2.1 TLP 2.0 extension). */
export const markings = {
  green: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
  amber: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
  "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
} as const;

/** A neighbour's MISP event about a lure around a race; one of its values is harmless. */
export const neighbourEvent = (now: number, rng: Random): string => {
  const seconds = (daysAgo: number): string => String(Math.floor((now - daysAgo * day) / 1000));
  const attribute = (type: string, value: string, more: object = {}): object => ({
    ...{ uuid: uuid(rng), type, category: type === "sha256" ? "Payload delivery" : "Network activity", value },
    ...{ to_ids: true, timestamp: seconds(rng.between(1, 3)) },
    ...more,
  });
  const pikabot = { Tag: [{ name: 'misp-galaxy:malpedia="Pikabot"' }] };
  const event = {
    ...{ uuid: uuid(rng), info: "Lures around the harbour half-marathon", date: iso(now - 3 * day).slice(0, 10) },
    ...{ timestamp: seconds(1), published: true, threat_level_id: "2", analysis: "2", distribution: "3" },
    Orgc: { uuid: uuid(rng), name: "Delta ISAC" },
    Tag: [
      { name: "tlp:green" },
      { name: 'admiralty-scale:source-reliability="b"' },
      { name: 'admiralty-scale:information-credibility="2"' },
    ],
    Attribute: [
      ...neighbour.green.map((name) => attribute("domain", name, pikabot)),
      ...neighbour.amber.map((name) => attribute("domain", name, { Tag: [...pikabot.Tag, { name: "tlp:amber" }] })),
      attribute("domain", misjudged.domain, { comment: "loaded by the lure" }),
      ...[0, 1, 2].map(() => attribute("sha256", rng.hex(64), pikabot)),
      attribute("url", `https://${neighbour.green[0]}/entry/form`, pikabot),
      attribute("ip-src", "198.51.100.141", { to_ids: false, comment: "where the mails came from, shared by many" }),
    ],
  };
  return `${JSON.stringify({ Event: event }, null, 1)}\n`;
};

/** What the partner overseas posts into a TAXII collection: an envelope (TAXII 2.1 §3.7) of its newest objects. */
export const partnerPost = (now: number, rng: Random): string => {
  const made = iso(now - day / 4);
  const common = { spec_version: "2.1", created: made, modified: made };
  const author = `identity--${uuid(rng)}`;
  const kit = `malware--${uuid(rng)}`;
  const indicator = (tlp: "green" | "amber", name: string): readonly object[] => {
    const self = `indicator--${uuid(rng)}`;
    const own = { ...common, created_by_ref: author, object_marking_refs: [markings[tlp]] };
    return [
      {
        ...{ type: "indicator", id: self, ...own, name: "Credential page", indicator_types: ["malicious-activity"] },
        ...{ pattern: `[domain-name:value = '${name}']`, pattern_type: "stix", valid_from: made, confidence: 80 },
      },
      {
        ...{ type: "relationship", id: `relationship--${uuid(rng)}`, ...own },
        ...{ relationship_type: "indicates", source_ref: self, target_ref: kit },
      },
    ];
  };
  const objects = [
    { type: "identity", id: author, ...common, name: "Strait Republic CERT", identity_class: "organization" },
    {
      ...{ type: "malware", id: kit, ...common, created_by_ref: author, name: "Pierhead kit" },
      ...{ malware_types: ["webshell"], is_family: true, object_marking_refs: [markings.green] },
    },
    ...posted.green.flatMap((name) => indicator("green", name)),
    ...posted.amber.flatMap((name) => indicator("amber", name)),
  ];
  return JSON.stringify({ objects });
};
