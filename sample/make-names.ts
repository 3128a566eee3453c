/**
 * What the words of the sample's sources mean, in the shape in which ATT&CK is published. Written for Harbour City: the
 * numbers are ATT&CK's, so that findings show them, the words are ours.
 */
export const threatNames = (now: number): string => {
  const created = new Date(now - 30 * 86_400_000).toISOString();
  const object = (
    type: "attack-pattern" | "intrusion-set" | "malware",
    nth: number,
    number: string,
    name: string,
    aliases: readonly string[] = [],
  ): object => ({
    type,
    id: `${type}--5a3c0e00-0000-4000-8000-${String(nth).padStart(12, "0")}`,
    ...{ spec_version: "2.1", created, modified: created, name },
    ...(aliases.length === 0 ? {} : { [type === "malware" ? "x_mitre_aliases" : "aliases"]: [name, ...aliases] }),
    x_mitre_domains: ["harbour-city"],
    external_references: [{ source_name: "mitre-attack", external_id: number }],
  });
  const objects = [
    object("attack-pattern", 1, "T1071", "Orders hidden in ordinary traffic"),
    object("attack-pattern", 2, "T1105", "Further tools fetched from outside"),
    object("attack-pattern", 3, "T1566", "Deceiving messages"),
    object("intrusion-set", 4, "G9001", "Quiet Heron", ["Grey Wader"]),
    object("malware", 5, "S9001", "QakBot", ["Qbot", "Pinkslipbot"]),
    object("malware", 6, "S9002", "Emotet", ["Geodo", "Heodo"]),
    object("malware", 7, "S9003", "Pikabot", ["Pika"]),
    // one word for two things: nobody here decides which is meant
    object("malware", 8, "S9004", "TideLoader", ["Tidal"]),
    object("malware", 9, "S9005", "MudCrab", ["Tidal"]),
  ];
  return `${JSON.stringify({ type: "bundle", id: "bundle--5a3c0e00-0000-4000-8000-000000000000", objects }, null, 1)}\n`;
};
