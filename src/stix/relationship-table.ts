import { categoryOf } from "./object-types.ts";

/**
 * Relationships the specification suggests, a line per source: relation, then targets. What everything may have
 * (`derived-from`, `duplicate-of` between objects of one type; `related-to` anything) stands apart.
 * @see STIX 2.1 Appendix B Relationship Summary Table; §3.7 Common Relationships
 */
const suggested: Readonly<Record<string, string>> = {
  "attack-pattern": `delivers malware; targets identity location vulnerability; uses malware tool`,
  campaign: `attributed-to intrusion-set threat-actor; compromises infrastructure; originates-from location;
    targets identity location vulnerability; uses attack-pattern infrastructure malware tool`,
  "course-of-action": `investigates indicator; mitigates attack-pattern indicator malware tool vulnerability; remediates malware vulnerability`,
  identity: `located-at location`,
  incident: "",
  grouping: "",
  note: "",
  opinion: "",
  report: "",
  location: "",
  "observed-data": "",
  indicator: `indicates attack-pattern campaign infrastructure intrusion-set malware threat-actor tool; based-on observed-data`,
  infrastructure: `communicates-with infrastructure ipv4-addr ipv6-addr domain-name url; consists-of infrastructure observed-data *sco;
    controls infrastructure malware; delivers malware; has vulnerability; hosts tool malware; located-at location; uses infrastructure`,
  "intrusion-set": `attributed-to threat-actor; compromises infrastructure; hosts infrastructure; owns infrastructure;
    originates-from location; targets identity location vulnerability; uses attack-pattern infrastructure malware tool`,
  malware: `authored-by threat-actor intrusion-set; beacons-to infrastructure; exfiltrate-to infrastructure;
    communicates-with ipv4-addr ipv6-addr domain-name url; controls malware; downloads malware tool file; drops malware tool file;
    exploits vulnerability; originates-from location; targets identity infrastructure location vulnerability;
    uses attack-pattern infrastructure malware tool; variant-of malware`,
  "malware-analysis": `characterizes malware; analysis-of malware; static-analysis-of malware; dynamic-analysis-of malware`,
  "threat-actor": `attributed-to identity; compromises infrastructure; hosts infrastructure; owns infrastructure;
    impersonates identity; located-at location; targets identity location vulnerability;
    uses attack-pattern infrastructure malware tool`,
  tool: `delivers malware; drops malware; has vulnerability; targets identity infrastructure location vulnerability; uses infrastructure`,
  vulnerability: "",
  "domain-name": `resolves-to domain-name ipv4-addr ipv6-addr`,
  "ipv4-addr": `resolves-to mac-addr; belongs-to autonomous-system`,
  "ipv6-addr": `resolves-to mac-addr; belongs-to autonomous-system`,
};

/** "indicator indicates malware", all of them. */
const triples: ReadonlySet<string> = new Set(
  Object.entries(suggested).flatMap(([source, lines]) =>
    lines.split(";").flatMap((line) => {
      const [relation = "", ...targets] = line.trim().split(/\s+/);
      return targets.map((target) => `${source} ${relation} ${target}`);
    }),
  ),
);

/** Whether the specification says anything of what a type relates to; of custom types it does not. */
export const knowsRelationships = (source: string): boolean => Object.hasOwn(suggested, source);

export const isSuggested = (source: string, relation: string, target: string): boolean => {
  if (relation === "related-to") return true;
  if (relation === "derived-from" || relation === "duplicate-of") return source === target;
  const anyObservable = triples.has(`${source} ${relation} *sco`) && categoryOf(target) === "sco";
  return anyObservable || triples.has(`${source} ${relation} ${target}`);
};
