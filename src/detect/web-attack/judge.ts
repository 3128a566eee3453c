import type { HttpRequest } from "#telemetry/format.ts";
import { codeSigns } from "./code.ts";
import { commandSigns } from "./command.ts";
import { cut, type Decoded, decoded, decodedQuery } from "./decoded.ts";
import { fileSigns } from "./file.ts";
import { protocolSigns, rawSigns } from "./protocol.ts";
import { scriptSigns } from "./script.ts";
import { sqlSigns } from "./sql.ts";
import type { Part, Sign, WebAttackKind } from "./sign.ts";

export interface Judged {
  readonly kind: WebAttackKind;
  /** 0 to 1: how seldom honest requests look like this; 0.65 at least. */
  readonly score: number;
  /** What gave it away, decoded, control characters out, at most 80 characters. Of an attacker's making: never to be followed. */
  readonly shown: string;
}

/** Says of one request of an access log whether it looks like an attack: the most telling sign, or nothing. */
type RequestJudge = (request: HttpRequest) => Judged | undefined;

const all = [...codeSigns, ...sqlSigns, ...scriptSigns, ...commandSigns, ...fileSigns, ...protocolSigns].sort(
  (a, b) => b.score - a.score,
);

/** Characters that signs wait for, one bit each; a text that has none of them costs one pass. */
const alphabet = [...new Set(all.flatMap(({ needs }) => [...(needs ?? "")]))];
const bitOf = new Map(alphabet.map((character, bit) => [character.charCodeAt(0), bit]));
const low = new Uint32Array(128);
const high = new Uint32Array(128);
for (const [code, bit] of bitOf) {
  if (code >= 128) continue;
  if (bit < 32) low[code] = (1 << bit) >>> 0;
  else high[code] = (1 << (bit - 32)) >>> 0;
}

interface Ready extends Sign {
  readonly low: number;
  readonly high: number;
}
const ready = (part: Part): readonly Ready[] =>
  all
    .filter((sign) => (sign.in ? sign.in.includes(part) : part !== "lines"))
    .map((sign) => ({
      ...sign,
      low: [...(sign.needs ?? "")].reduce((bits, one) => bits | (low[one.charCodeAt(0)] ?? 0), 0) >>> 0,
      high: [...(sign.needs ?? "")].reduce((bits, one) => bits | (high[one.charCodeAt(0)] ?? 0), 0) >>> 0,
    }));
const signsOf: Readonly<Record<Part, readonly Ready[]>> = {
  path: ready("path"),
  query: ready("query"),
  referrer: ready("referrer"),
  agent: ready("agent"),
  lines: ready("lines"),
};

/** What an agent or a referrer says weighs a little less than what was asked for. */
const asideWeight = 0.95;

// Most requests are of this shape, and cost these tests alone.
const plainPath =
  /^(?:\/[\w\-~]*(?:\.(?:html?|css|js|png|jpe?g|gif|svg|ico|webp|woff2?|pdf|xml|json|txt|zip|mp4|php|aspx?|jsp|do))?)*$/i;
const plainQuery = /^(?:[a-z][a-z\d-]*=[\w.,-]*(?:&|$))*$/i;
const plainReferrer = /^https?:\/\/[\w.:-]+(?:\/[\w/.\-~]*)?(?:\?(?:[a-z][\w-]*=[\w.-]*(?:&|$))*)?$/i;
/** Plain paths and queries in which a word may still say something. */
const tellingPath =
  /\/(?:etc|proc|sys|var|root|home|winnt|windows|system32|cgi-bin|actuator|jolokia|manager|phpmyadmin|pma|myadmin|mysqladmin|server-|solr|hudson|console|vendor|boaform|hnap1|gponform|sdk|remote|dana-na|owa|autodiscover|wp-admin|xmlrpc|setup|shell|cmd|c99|r57|webshell|wso|alfa|composer|package-lock|info\.php|phpinfo|adminer|dockerfile|docker-compose|id_|credentials|secret|gruntfile|gemfile|makefile|procfile|vagrantfile|jenkinsfile|pom\.xml|requirements\.txt|config|wp-config|error_log|sftp-config)|~/i;
const tellingQuery =
  /_method|session|_catalog|_schema|sysobj|syscol|sysuser|_master|_tables|xp_|sp_|_cmd|pg_|=bin|__|=-?\d{10}|=0x|=0000|e-308|1e309|=(?:auth|http|orig|path|query|request|php|document)_|ro0ab|aced0005|kztaau|cs7qaf|cnvudg|hj1bnr|bydw50|chjvy2|(?:cmd|exec|execute|command|shell|rce|run|system|ping|code|daemon|cli)=|[^&=]{80}/i;

/** From here on a plain query is looked at as well: hundreds of parameters. */
const longQuery = 400;

/** What a form of PHP's takes at most is 1,000; people's forms have dozens. */
const parametersAtMost = 255;

/** Methods of RFC 9110 and 5789, and of those who keep files and calendars (WebDAV and CalDAV). TRACE is none of a visitor. */
const methods: ReadonlySet<string> = new Set(
  "GET HEAD POST PUT DELETE OPTIONS PATCH CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH MKCALENDAR ACL QUERY PRI PURGE".split(
    " ",
  ),
);

const agentsKept = 2000;

/**
 * A judge with a memory for agents, which repeat; the memory changes no answer. The time for one request is linear in its
 * text; a part longer than 4,096 characters is cut in its middle.
 */
export const requestJudge = (): RequestJudge => {
  const agents = new Map<string, Judged | undefined>();
  const ofAgent = (agent: string): Judged | undefined => {
    if (agents.has(agent)) return agents.get(agent);
    const text = decoded(cut(agent));
    let found = strongest(signsOf.agent, text, asideWeight);
    if (/%[0-9a-f]{2}/i.test(agent) && agent.includes("+"))
      found ??= strongest(signsOf.agent, decoded(cut(agent), true), asideWeight);
    if (agents.size >= agentsKept) agents.clear();
    agents.set(agent, found);
    return found;
  };
  return ({ method, path = "", query = "", referrer = "", agent = "", status }) => {
    let best = agent === "" ? undefined : ofAgent(agent);
    const take = (found: Judged | undefined): void => {
      if (found && (!best || found.score > best.score)) best = found;
    };
    if (method !== undefined && !methods.has(method)) take({ kind: "protocol", score: 0.75, shown: shownOf(method) });
    const refused = status !== undefined && status >= 400 && status < 500;
    if (!plainPath.test(path) || tellingPath.test(path)) take(ofPath(cut(path), refused));
    if (query !== "" && (query.length > longQuery || !plainQuery.test(query) || tellingQuery.test(query)))
      take(ofQuery(cut(query)));
    if (referrer !== "" && referrer !== "-" && !plainReferrer.test(referrer)) take(ofReferrer(cut(referrer)));
    return best;
  };
};

const ofPath = (raw: string, refused: boolean): Judged | undefined => {
  const text = decoded(raw);
  return stronger(strongest(signsOf.path, text, 1, refused), stronger(strongestLine(text.lines), rawSign(raw, "path")));
};

const ofQuery = (raw: string): Judged | undefined => {
  const text = decodedQuery(raw);
  const found = stronger(
    strongest(signsOf.query, text, 1),
    stronger(strongestLine(`\u0001${text.lines}`), rawSign(raw, "query")),
  );
  const parameters = raw.split("&").length;
  if (parameters > parametersAtMost) return stronger(found, { kind: "protocol", score: 0.7, shown: `${parameters} &` });
  return found ?? ofBase64(raw);
};

/** A referrer is an address: what stands behind its host is looked at, and all of one that is none. */
const ofReferrer = (raw: string): Judged | undefined => {
  if (/%00/.test(raw)) return { kind: "protocol", score: 0.85, shown: shownOf(raw) };
  const address = /^(?:https?|android-app):\/\/[^/?#\s'"<;]{1,255}/i.exec(raw);
  const rest = address ? raw.slice(address[0].length) : raw;
  if (rest === "" || rest === "/") return undefined;
  const mark = rest.search(/[?#]/);
  const [path, query] = mark < 0 ? [rest, ""] : [rest.slice(0, mark), rest.slice(mark + 1)];
  return stronger(
    address && !/[\s'"<({;$`]/.test(path) ? undefined : strongest(signsOf.referrer, decoded(path), asideWeight),
    // what follows #:~:text= is a quotation from the page
    query === "" || query.startsWith(":~:")
      ? undefined
      : strongest(signsOf.referrer, decodedQuery(query.replace(/#:~:text=.*$/s, "")), asideWeight),
  );
};

/** A value that is program text in base 64. */
const ofBase64 = (raw: string): Judged | undefined => {
  for (const [, value = ""] of raw.matchAll(/=([A-Za-z0-9+/]{12,800}(?:%3D|=){0,2})(?=&|$)/g)) {
    const text = Buffer.from(value.replaceAll("%3D", "="), "base64").toString("utf8");
    if (!/^[\t\n\r -~]+$/.test(text)) continue;
    const found = strongest(signsOf.query, decoded(`x=${text}`), 0.9);
    if (found && found.score >= 0.8) return found;
  }
  return undefined;
};

const stronger = (a: Judged | undefined, b: Judged | undefined): Judged | undefined =>
  !a || (b && b.score > a.score) ? b : a;

const strongestLine = (text: string): Judged | undefined =>
  /[\u0000-\u0008\n\r\u000b-\u001f\u007f+]|\/\*/.test(text)
    ? strongest(signsOf.lines, { text, bare: text, lines: text }, 1)
    : undefined;

const strongest = (
  signs: readonly Ready[],
  { text, bare }: Decoded,
  weight: number,
  refused = false,
): Judged | undefined => {
  const found = first(signs, text, weight, refused);
  return bare === text ? found : stronger(found, first(signs, bare, weight, refused));
};

/** Signs stand with the most telling first, so the first that matches is the answer. */
const first = (signs: readonly Ready[], text: string, weight: number, refused: boolean): Judged | undefined => {
  let lowBits = 0;
  let highBits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128) continue;
    lowBits |= low[code] as number;
    highBits |= high[code] as number;
  }
  for (const sign of signs) {
    if (sign.needs !== undefined && (sign.low & lowBits) === 0 && (sign.high & highBits) === 0) continue;
    if (sign.refused && !refused) continue;
    const match = sign.pattern.exec(text);
    if (match) return { kind: sign.kind, score: sign.score * weight, shown: shownOf(match[0]) };
  }
  return undefined;
};

const rawSign = (raw: string, part: "path" | "query"): Judged | undefined => {
  if (!/[%#]/.test(raw)) return undefined;
  let best: Judged | undefined;
  for (const { score, pattern, in: where } of rawSigns) {
    if ((where !== "both" && where !== part) || (best && best.score >= score)) continue;
    const match = pattern.exec(raw);
    if (match) best = { kind: "protocol", score, shown: shownOf(match[0]) };
  }
  return best;
};

const shownOf = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ")
    .trim()
    .slice(0, 80);
