import { createHash } from "node:crypto";
import { splitComposite } from "#misp/attribute-value.ts";
import { isLine } from "#share/formats/format.ts";
import { type MispLine, textOf } from "#share/misp-out.ts";

const typeAndValue = ({ attribute: { value } }: MispLine): readonly [type: string, value: string] => [
  textOf(value.part, "type"),
  textOf(value.part, "value"),
];

/** A composite is its halves, each under its own type. */
const pieces = (line: MispLine): readonly (readonly [type: string, value: string])[] => {
  const [type, value] = typeAndValue(line);
  const halves = splitComposite(type, value);
  if (type === "malware-sample" && halves)
    return [
      ["filename", halves[0]],
      ["md5", halves[1]],
    ];
  const [first, second] = type.split("|");
  return second === undefined || halves === undefined || first === undefined
    ? [[type, value]]
    : [
        [first, halves[0]],
        [second, halves[1]],
      ];
};

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values.filter(isLine))];
const ended = (values: readonly string[]): string => values.map((value) => `${value}\n`).join("");

/** One value a line. A value of several lines is not one line: its line ends are blanks. */
export const mispText = (lines: readonly MispLine[]): string =>
  ended(distinct(lines.map((line) => typeAndValue(line)[1].replace(/[\r\n]+/g, " "))));

const hashTypes: ReadonlySet<string> = new Set([
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha512",
  "imphash",
  "ssdeep",
  "tlsh",
  "authentihash",
]);

export const mispHashes = (lines: readonly MispLine[]): string =>
  ended(distinct(lines.flatMap(pieces).flatMap(([type, value]) => (hashTypes.has(type) ? [value] : []))));

const hostName = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/i;

/** A hosts file: names lead nowhere. */
export const mispHosts = (lines: readonly MispLine[]): string =>
  ended([
    "# names that lead nowhere",
    ...distinct(
      lines
        .flatMap(pieces)
        .flatMap(([type, value]) =>
          (type === "domain" || type === "hostname") && hostName.test(value) ? [value] : [],
        ),
    ).map((name) => `0.0.0.0 ${name}`),
  ]);

const address = /^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)(?:\/[0-9]{1,3})?$/i;

/** Commands of iptables(8) and ip6tables(8): nothing of these addresses comes in or goes out. */
export const mispNetfilter = (lines: readonly MispLine[]): string =>
  ended(
    distinct(
      lines.flatMap(pieces).flatMap(([type, value]) => {
        const isSource = type === "ip-src";
        if ((!isSource && type !== "ip-dst" && type !== "ip") || !address.test(value)) return [];
        const command = value.includes(":") ? "ip6tables" : "iptables";
        return isSource ? [`${command} -A INPUT -s ${value} -j DROP`] : [`${command} -A OUTPUT -d ${value} -j DROP`];
      }),
    ),
  );

/** hashes.csv of a MISP feed: MD5 of the value and UUID of its event; both halves of a composite. @see MISP core format §3 */
export const mispCache = (lines: readonly MispLine[]): string =>
  ended(
    distinct(
      lines.flatMap((line) => {
        const uuid = textOf(line.event.value.event, "uuid");
        return pieces(line).map(([, value]) => `${createHash("md5").update(value).digest("hex")},${uuid}`);
      }),
    ),
  );

/** Above what anybody has registered; an attribute's own number keeps a rule's for ever. */
const firstSid = 1_000_000_000;

/** Rules of Snort 2 and 3: addresses, names in DNS questions, URLs in clear. @see Snort 3 Rule Writing Guide, content */
export const mispSnort = (lines: readonly MispLine[]): string =>
  ended(
    lines.flatMap((line) =>
      pieces(line).flatMap(([type, value], half) => {
        const part = line.attribute.value.part;
        const rule = snortRule(type, value);
        if (rule === undefined || !isLine(value)) return [];
        const sid = firstSid + 2 * Number(textOf(part, "id")) + Math.min(half, 1);
        return [
          `${rule.head} (msg:"MISP e${textOf(part, "event_id")} ${quoted(type)} ${quoted(value)}"; ${rule.match}classtype:trojan-activity; reference:url,misp/attributes/${textOf(part, "uuid")}; sid:${sid}; rev:1; priority:${priority(line)};)`,
        ];
      }),
    ),
  );

const snortRule = (type: string, value: string): { readonly head: string; readonly match: string } | undefined => {
  if ((type === "ip-dst" || type === "ip-src") && address.test(value))
    return type === "ip-dst"
      ? { head: `alert ip $HOME_NET any -> ${value} any`, match: "" }
      : { head: `alert ip ${value} any -> $HOME_NET any`, match: "" };
  if ((type === "domain" || type === "hostname") && hostName.test(value)) {
    const labels = value
      .split(".")
      .map((label) => `|${label.length.toString(16).padStart(2, "0").toUpperCase()}|${label}`);
    return {
      head: "alert udp any any -> any 53",
      match: `content:"|01 00 00 01 00 00 00 00 00 00|"; depth:10; offset:2; content:"${labels.join("")}|00|"; fast_pattern; nocase; `,
    };
  }
  if (type === "url" || type === "uri") {
    const path = value.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").replace(/#.*$/, "");
    const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]*)/i.exec(value)?.[1] ?? "";
    if (path === "" && host === "") return undefined;
    return {
      head: "alert tcp $HOME_NET any -> $EXTERNAL_NET $HTTP_PORTS",
      match: `flow:to_server,established; ${host === "" ? "" : `content:"Host|3A| ${escaped(host)}"; nocase; http_header; `}${path === "" || path === "/" ? "" : `content:"${escaped(path)}"; nocase; http_uri; `}`,
    };
  }
  return undefined;
};

const priority = (line: MispLine): string => textOf(line.event.value.event, "threat_level_id") || "4";

/** In a message: no quotes, semicolons or backslashes of its own. */
const quoted = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").replace(/[\\";]/g, "\\$&");
/** In `content`: bytes that mean something there, and all that are not plain, in hexadecimal. */
const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x21 && byte < 0x7f && !'"\\;:|'.includes(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `|${byte.toString(16).padStart(2, "0").toUpperCase()}|`,
    )
    .join("");
