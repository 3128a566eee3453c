import { hash } from "node:crypto";
import { parseIp } from "#core/ip.ts";
import { observableKey } from "#core/observable.ts";
import { type ProblemClass, problemKey } from "#core/rsit.ts";
import type { Hit } from "#detect/hit.ts";

/** Whom or what a hit is about: what ties findings into one story. */
export interface Entity {
  readonly kind: "host" | "address" | "domain" | "account" | "indicator";
  /** Canonical and lower case as the kind has it; of an indicator "domain:bad.example". */
  readonly value: string;
}

/**
 * The entities of a hit: what of the organisation is concerned, whom a behaviour names, the listed value it met, and of a
 * rule who came from outside. Not the other end of every record: a resolver or a proxy is in all of them and would make
 * one story of a whole house.
 */
export const entitiesOf = (
  hit: Pick<Hit, "asset" | "entities" | "indicator" | "detector" | "direction" | "source" | "destination">,
): readonly Entity[] => {
  const found: Entity[] = [ofAsset(hit.asset)];
  for (const { kind, value } of hit.entities ?? []) found.push({ kind, value });
  if (hit.indicator !== undefined && hit.detector === "indicator-match")
    found.push({ kind: "indicator", value: observableKey(hit.indicator) });
  if (hit.detector === "sigma") {
    if (hit.direction === "inbound" && hit.source) found.push({ kind: "address", value: hit.source.address });
    // its own address beside the machine's name, so that what was seen of either is of one machine
    const own = hit.direction === "inbound" ? hit.destination : hit.direction === "outbound" ? hit.source : undefined;
    if (own) found.push({ kind: "address", value: own.address });
  }
  return [...new Map(found.map((one) => [`${one.kind} ${one.value}`, one])).values()];
};

const ofAsset = (asset: string): Entity => {
  if (parseIp(asset).ok) return { kind: "address", value: asset };
  return asset.includes(".") && !asset.includes("/")
    ? { kind: "domain", value: asset }
    : { kind: "host", value: asset };
};

/** A machine is called a host in one log and a domain in the next, and what is listed is met as what it is: the same text is the same thing. */
const thing = ({ kind, value }: Entity): string => {
  if (kind === "account") return `account ${value}`;
  return `thing ${kind === "indicator" ? value.replace(/^(?:ipv4|ipv6|domain):/, "") : value}`;
};

/** 32 lower-case hexadecimal digits: what is looked up is short, however long a value is. */
const keyed = (text: string): string => hash("sha256", text, "hex").slice(0, 32);

/** Key under which findings of one organisation share an entity. */
export const entityKey = (organisation: string, entity: Entity): string =>
  keyed(`entity ${organisation} ${thing(entity)}`);

/** Key under which findings of one organisation share a problem that has a name: "qakbot" on ten hosts is one story. */
export const problemTie = (organisation: string, problem: ProblemClass): string | undefined =>
  problem.about === "" ? undefined : keyed(`problem ${organisation} ${problemKey(problem)}`);

/** Key under which organisations share what a source listed or reported, for the same problem. */
export const sharedKey = (problem: ProblemClass, indicator: string): string =>
  keyed(`shared ${problemKey(problem)} ${indicator}`);
