/** Usual names of columns, without case, blanks, dots, underscores and hyphens, and our word for each. */
const known: Readonly<Record<string, readonly string[]>> = {
  time: ["time", "timestamp", "timestamputc", "timesource", "datetime", "date", "seenat", "lastseen", "lastseenutc"],
  ip: ["ip", "ipaddress", "address", "clientip", "sourceip", "srcip", "hostip", "victimip"],
  port: ["port", "sourceport", "srcport", "clientport"],
  host: ["host", "hostname", "fqdn", "domain", "sourcefqdn"],
  url: ["url", "sourceurl", "link"],
  account: ["account", "username", "user", "sourceaccount"],
  "to-ip": ["dstip", "destinationip", "destip", "dip", "serverip", "remoteip"],
  "to-port": ["dstport", "destinationport", "destport", "serverport", "remoteport"],
  "to-host": ["dstdomain", "dstfqdn", "destinationfqdn", "dsthost", "destinationdomain", "remotehost"],
  transport: ["proto", "transport", "protocol", "protocoltransport"],
  type: ["type", "rsit", "classificationtype"],
  about: ["about", "malware", "malwarename", "family", "infection", "botname", "cve", "name", "identifier"],
  severity: ["severity"],
};

const byName: ReadonlyMap<string, string> = new Map(
  Object.entries(known).flatMap(([word, names]) => names.map((name) => [name, word] as const)),
);

/** Our word for each column; its own name where we have none, or where an earlier column has the word. */
export const namesOf = (written: readonly string[]): readonly string[] => {
  const taken = new Set<string>();
  return written.map((name) => {
    const plain = name.toLowerCase().replace(/[\s._-]+/g, "");
    const word = byName.get(plain);
    if (word === undefined || taken.has(word)) return `column ${plain}`;
    taken.add(word);
    return word;
  });
};
