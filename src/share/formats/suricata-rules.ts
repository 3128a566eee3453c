import { printGrade } from "#core/grade.ts";
import { urlParts } from "#core/url.ts";
import type { ListAbout, ListRow } from "#share/list-entry.ts";
import { footLines, headLines, type ListFormat } from "./format.ts";
import { contentOf, messageOf, metadataOf } from "./suricata-text.ts";

/** Above what anybody has registered (sidallocation.org), and twice 2³⁰ numbers fit below 2³². */
const firstSid = 1_000_000_000;

const address = /^(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:]+)(?:\/[0-9]{1,3})?$/;

/**
 * Rules for Suricata 6 and later. What a rule looks at follows from the kind: traffic to an address, a name asked for or
 * greeted by TLS, a URL fetched in clear. A rule's number is the indicator's for ever. Hashes are no rules: Suricata reads
 * them from the files that the datasets are (`filesha256:`).
 *
 * @see Suricata User Guide, Rules Format; DNS Keywords; SSL/TLS Keywords; HTTP Keywords
 */
export const suricataRules: ListFormat = {
  type: "text/plain; charset=utf-8",
  head: (about) =>
    headLines(about)
      .map((line) => `# ${line}\n`)
      .join(""),
  row: (row, about) => {
    const rules = rulesOf(row);
    if (rules.length === 0) return undefined;
    return rules
      .map(({ does, match }, n) => {
        const sid = firstSid + 2 * row.value.serial + n;
        return `alert ${does} (msg:"${messageOf(`waglan ${row.value.kind} ${row.value.value}`)}"; ${match}${about.portal === "" ? "" : `reference:url,${referenceOf(row, about)}; `}metadata:${metadata(row)}; sid:${sid}; rev:1;)\n`;
      })
      .join("");
  },
  foot: (totals) =>
    footLines(totals)
      .map((line) => `# ${line}\n`)
      .join(""),
};

interface Rule {
  /** Protocol, from, to. */
  readonly does: string;
  /** Options, each with its semicolon and a space behind. */
  readonly match: string;
}

const rulesOf = ({ value: { kind, value } }: ListRow): readonly Rule[] => {
  switch (kind) {
    case "ipv4":
    case "ipv6":
    case "cidr":
      return address.test(value) ? [{ does: `ip $HOME_NET any -> ${value} any`, match: "" }] : [];
    case "endpoint": {
      const at = value.lastIndexOf(":");
      const [host, port] = [value.slice(0, at).replace(/^\[|\]$/g, ""), value.slice(at + 1)];
      if (!/^[0-9]{1,5}$/.test(port)) return [];
      if (address.test(host)) return [{ does: `tcp $HOME_NET any -> ${host} ${port}`, match: "" }];
      return /^[a-z0-9._-]+$/.test(host)
        ? [{ does: `tls $HOME_NET any -> any ${port}`, match: `tls.sni; ${whole(host)}` }]
        : [];
    }
    case "domain":
      if (!/^[a-z0-9._-]+$/.test(value)) return [];
      return ["dns", "tls"].map((protocol) => ({
        does: `${protocol} $HOME_NET any -> any any`,
        match: `${protocol === "dns" ? "dns.query" : "tls.sni"}; dotprefix; content:".${contentOf(value)}"; nocase; endswith; `,
      }));
    case "url": {
      const { host, port, path } = urlParts(value);
      const uri = path.replace(/#.*$/s, "");
      if (!/^(?:[a-z][a-z0-9+.-]*:)?\/\//.test(value) || host === "") return [];
      return [
        {
          does: `http $HOME_NET any -> any ${port ?? "any"}`,
          match: `http.host; ${whole(host)}http.uri.raw; ${whole(uri === "" ? "/" : uri)}`,
        },
      ];
    }
    default:
      return [];
  }
};

/** The whole of the buffer is this and nothing else. */
const whole = (text: string): string => `content:"${contentOf(text)}"; startswith; endswith; `;

/** Without its scheme, as the keyword wants it. */
const referenceOf = ({ value: { id } }: ListRow, { portal }: ListAbout): string =>
  `${portal.replace(/^[a-z]+:\/\//, "").replace(/[^A-Za-z0-9.:/_-]/g, "_")}/indicators/${metadataOf(id)}`;

const metadata = ({ value: row, note }: ListRow): string =>
  [
    `waglan_id ${metadataOf(row.id)}`,
    `tlp ${metadataOf(note.tlp)}`,
    ...(row.grade === undefined ? [] : [`admiralty ${printGrade(row.grade)}`]),
    ...(row.lastSeen === undefined
      ? []
      : [`updated_at ${new Date(row.lastSeen).toISOString().slice(0, 10).replaceAll("-", "_")}`]),
    ...(row.labels ?? []).slice(0, 8).map((label) => `label ${metadataOf(label)}`),
  ].join(", ");
