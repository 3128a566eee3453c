import type { RsitType } from "#core/rsit.ts";
import { aboutOf } from "#feeds/report.ts";
import type { Details } from "./details.ts";

export interface Meaning {
  readonly type: RsitType;
  readonly about: string;
  readonly protocol?: string;
}

/** What the first cell of a line says; undefined: a category nobody has told us. */
export const meaningOf = (category: string, details: Details): Meaning | undefined => {
  const family = aboutOf(details.family ?? "");
  switch (category) {
    case "bot":
    case "bots":
      return { type: "infected-system", about: family };
    case "conficker":
      return { type: "infected-system", about: "conficker" };
    case "bruteforce": {
      const service = aboutOf(details.plain);
      return { type: "brute-force", about: service, ...(service === "" ? {} : { protocol: service }) };
    }
    case "controller":
      return { type: "c2-server", about: family };
    case "darknet":
      return { type: "scanner", about: "darknet" };
    case "honeypot":
    case "scanner":
      return { type: "scanner", about: "" };
    case "openresolver":
    case "openresolvers":
      return { type: "vulnerable-system", about: "open-resolver", protocol: "dns" };
    case "phishing":
      return { type: "phishing", about: "" };
    case "proxy": {
      const kind = /^[a-z][a-z0-9]*(?=-|$)/.exec(details.plain.toLowerCase())?.[0]?.replace(/^httpconnect$/, "http");
      return { type: "vulnerable-system", about: "open-proxy", ...(kind === undefined ? {} : { protocol: kind }) };
    }
    case "spam":
      return { type: "spam", about: "" };
    default:
      return undefined;
  }
};
