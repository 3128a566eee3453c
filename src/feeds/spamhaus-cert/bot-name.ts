import type { RsitType } from "#core/rsit.ts";
import { aboutOf } from "#feeds/report.ts";

/** What a name in the column `botname` says: a malware family, or a kind of misuse under a name of its own. */
export interface Meaning {
  readonly type: RsitType;
  readonly about: string;
  readonly protocol?: string;
}

/** Names that are no malware family. */
const kinds: Readonly<Record<string, Meaning>> = {
  openrelay: { type: "vulnerable-system", about: "openrelay", protocol: "smtp" },
  iotrdp: { type: "scanner", about: "rdp", protocol: "rdp" },
  wpscanner: { type: "scanner", about: "wordpress-vulnerabilities", protocol: "http" },
  w_wplogin: { type: "scanner", about: "wordpress-login", protocol: "http" },
  imap: { type: "brute-force", about: "imap", protocol: "imap" },
  pop3: { type: "brute-force", about: "pop3", protocol: "pop3" },
  authspoofbadehlo: { type: "brute-force", about: "authentication-spoof", protocol: "smtp" },
  extortion: { type: "spam", about: "extortion", protocol: "smtp" },
  misc: { type: "spam", about: "spam", protocol: "smtp" },
  l_spamlink: { type: "spam", about: "spamlink" },
  proxyget: { type: "other", about: "proxyget" },
  auto: { type: "infected-system", about: "s-other" },
};

/** What is knocked at, by its port. */
const services: Readonly<Record<number, string>> = { 22: "ssh", 23: "telnet", 2323: "telnet", 445: "smb", 3389: "rdp" };

/** @param local for spam the sending program stands in the column of the local port: "203.0.113.9:1660:darkmailer2" */
export const meaningOf = (bot: string, remotePort: number | undefined, local: string): Meaning => {
  const name = bot.toLowerCase();
  const known = kinds[name];
  if (known !== undefined) {
    const program = aboutOf(local.split(":")[2] ?? "");
    return known.type === "spam" && program !== "" ? { ...known, about: program } : known;
  }
  if (name === "iotscan") {
    const service = services[remotePort ?? 0] ?? "";
    return { type: "scanner", about: service, ...(service === "" ? {} : { protocol: service }) };
  }
  const guessed = /^([a-z0-9]{2,12})auth$/.exec(name)?.[1];
  if (guessed !== undefined) return { type: "brute-force", about: guessed, protocol: guessed };
  return { type: "infected-system", about: aboutOf(/^iot(?=.)/.test(name) ? name.slice(3) : name) };
};
