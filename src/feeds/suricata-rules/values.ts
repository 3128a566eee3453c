import { contentText, type Rule } from "./rule.ts";

/** Options that say something about a rule and ask nothing of the traffic, or only how often it is told. */
const about = new Set([
  ...["msg", "reference", "classtype", "sid", "rev", "gid", "priority", "metadata", "target", "threshold", "noalert"],
  ...["flow", "flags", "fast_pattern", "nocase", "flowbits", "xbits", "rawbytes", "tag"],
]);

/** Sticky buffers (Suricata 5 and later), and the modifiers that stand behind a content in older rules. */
const buffers: Readonly<Record<string, "name" | "uri" | "method">> = {
  "dns.query": "name",
  dns_query: "name",
  "http.host": "name",
  http_host: "name",
  "http.host.raw": "name",
  "tls.sni": "name",
  tls_sni: "name",
  "http.uri": "uri",
  http_uri: "uri",
  "http.uri.raw": "uri",
  "http.method": "method",
  http_method: "method",
};
const legacy = new Set(["http_host", "http_uri", "http_method"]);

interface Match {
  text: string;
  buffer: "name" | "uri" | "method" | undefined;
  dotted: boolean;
  starts: boolean;
  ends: boolean;
}

/**
 * The values a rule lists, when it is nothing but a list of bad values: addresses on one side; or one name that DNS, HTTP
 * or TLS asks for, to its end; with a whole path a URL. `undefined` for every other rule: taken apart it would mean more
 * than its author wrote.
 */
export const listedValues = (rule: Rule): readonly string[] | undefined => {
  if (!/^(?:alert|drop|reject|rejectsrc|rejectdst|rejectboth|block)$/i.test(rule.action)) return undefined;
  const matches = matchesOf(rule);
  if (matches === undefined) return undefined;
  return matches.length === 0 ? addressesOf(rule) : nameOf(rule, matches);
};

const matchesOf = (rule: Rule): readonly Match[] | undefined => {
  const matches: Match[] = [];
  let sticky: Match["buffer"];
  let dotted = false;
  for (const [name, value] of rule.options) {
    const last = matches.at(-1);
    const buffer = buffers[name];
    if (buffer !== undefined) {
      // after a content an old name says where that content was; a new one, where the next ones are
      if (legacy.has(name) && last !== undefined && last.buffer === undefined) last.buffer = buffer;
      else [sticky, dotted] = [buffer, false];
    } else if (name === "content") {
      const text = contentText(value);
      if (text === undefined) return undefined;
      matches.push({ text, buffer: sticky, dotted, starts: false, ends: false });
    } else if (name === "dotprefix") dotted = true;
    else if (name === "startswith" && last) last.starts = true;
    else if (name === "endswith" && last) last.ends = true;
    else if (name === "isdataat" && last && /^!1,\s*relative$/.test(value)) last.ends = true;
    else if (name === "depth" && last && Number(value) === last.text.length) last.starts = true;
    else if (name === "bsize" && last && Number(value) === last.text.length) [last.starts, last.ends] = [true, true];
    else if (!about.has(name)) return undefined;
    else if (name === "flowbits" && !/^(?:set|noalert)/.test(value)) return undefined;
  }
  return matches;
};

/** A name to its end ("evil.example", or everything below it), and with a whole path the URL of both. */
const nameOf = (rule: Rule, matches: readonly Match[]): readonly string[] | undefined => {
  const names = matches.filter((one) => one.buffer === "name");
  const paths = matches.filter((one) => one.buffer === "uri");
  const methods = matches.filter((one) => one.buffer === "method");
  const [name] = names;
  if (
    name === undefined ||
    names.length > 1 ||
    paths.length > 1 ||
    names.length + paths.length + methods.length < matches.length
  )
    return undefined;
  const whole = name.ends && (name.starts || name.dotted || name.text.startsWith("."));
  if (!whole || !isAnywhere(rule)) return undefined;
  const host = name.text.replace(/^\./, "").toLowerCase();
  const [path] = paths;
  if (path === undefined) return methods.length === 0 ? [host] : undefined;
  // below a name there are many hosts, and a URL has one
  if (name.text.startsWith(".") || !path.starts || !path.ends || !path.text.startsWith("/")) return undefined;
  return [`http://${host}${path.text}`];
};

const isAnywhere = (rule: Rule): boolean =>
  [rule.source, rule.destination].every((side) => side === "any" || /^!?\$(?:HOME|EXTERNAL)_NET$/.test(side)) ||
  rule.destination.endsWith("_SERVERS");

/** Addresses of the side that is a list, with the port where the rule names one. */
const addressesOf = (rule: Rule): readonly string[] | undefined => {
  const anyone = (side: string): boolean => side === "any" || /^\$(?:HOME|EXTERNAL)_NET$/.test(side);
  const [listed, other, port, otherPort] = anyone(rule.destination)
    ? [rule.source, rule.destination, rule.sourcePort, rule.destinationPort]
    : [rule.destination, rule.source, rule.destinationPort, rule.sourcePort];
  if (anyone(listed) || !anyone(other) || otherPort !== "any") return undefined;
  const addresses = wordsOf(listed);
  if (addresses === undefined || !addresses.every((one) => /^[0-9A-Fa-f.:]+(?:\/\d{1,3})?$/.test(one)))
    return undefined;
  if (port === "any") return addresses;
  const ports = wordsOf(port);
  if (ports === undefined || ports.length > 16 || !ports.every((one) => /^\d{1,5}$/.test(one))) return undefined;
  if (addresses.some((one) => one.includes("/"))) return undefined;
  return addresses.flatMap((one) => ports.map((p) => (one.includes(":") ? `[${one}]:${p}` : `${one}:${p}`)));
};

/** "[a, b]" or "a"; undefined for negations and variables. */
const wordsOf = (text: string): readonly string[] | undefined => {
  if (/[!$]/.test(text)) return undefined;
  const inside = text.startsWith("[") ? text.slice(1, -1) : text;
  const words = inside.split(",").map((one) => one.trim());
  return words.some((one) => one === "" || /[[\]]/.test(one)) ? undefined : words;
};
