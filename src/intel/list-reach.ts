/**
 * How far an entry of a warning list excuses:
 *   below    the entry and what lies inside or below it (a public resolver's network, a bank and its hosts)
 *   itself   the entry alone, and whole networks inside it: strangers share what lies below, and a claim about one
 *            address or name there is precise (a rented cloud server, a name from a dynamic DNS)
 *   nothing  what the list says makes a claim stronger, not weaker
 */
export const reaches = ["below", "itself", "nothing"] as const;
export type Reach = (typeof reaches)[number];

/**
 * MISP lists that do not excuse what lies below their entries, by id. Measured on 1.64 M distinct maltrail trails: with
 * every list reaching below, 213,000 are excluded, two thirds of them by one list of data centres (`vpn-ipv4`).
 */
const named: readonly (readonly [reach: Reach, ids: RegExp, why: string])[] = [
  ["nothing", /^sinkholes$/, "only an infected host calls a sinkhole"],
  [
    "itself",
    /^(?:amazon-aws|google-gcp|microsoft-azure|oracle-oci|ovh-cluster|vpn-ipv[46]|github|stackpath|bunny-net|digitalside)/,
    "anybody rents a server there",
  ],
  [
    "itself",
    /^(?:akamai|fastly|cloudflare|icloud-private-relay|zscaler|telegram-ips)$/,
    "thousands of sites behind one network",
  ],
  [
    "itself",
    /^(?:dynamic-dns|disposable-email|lots-project|link-in-bio|url-shortener|public-ipfs-gateways|parking-domain)/,
    "anybody takes a name or a page there",
  ],
  [
    "itself",
    /^(?:alexa|tranco|majestic_million|moz-top500|cisco_|cloudflare-top|google-chrome-crux|university_domains)/,
    "popular names include hosters, below which anybody writes",
  ],
];

/** The reach of a list; lists not named here reach below. */
export const reachOf = (id: string): Reach => named.find(([, ids]) => ids.test(id))?.[0] ?? "below";
