import { either, type Sign } from "./sign.ts";

const kind = "protocol";

/** Heads of an answer or of a mail that no message of a form begins a line with. */
const headers = String.raw`(?:set-cookie2?|content-(?:type|length|location|disposition|encoding)|transfer-encoding|x-[\w-]{3,30}|access-control-[\w-]{3,30}|bcc|cookie|refresh|remote-(?:addr|ip)|originating-ip|forwarded-\w{3,12})\s?:|host\s?:\s?[\w-]{1,40}\.\w|location\s?:\s?(?:https?:|/)`;

/** Commands of mail servers, and those that are words of English too. */
const mailCommands = String.raw`ehlo|helo|vrfy|expn|rset|noop|starttls|stls|capa|uidl|retr\s\d|dele\s\d|apop|auth\s(?:login|plain|cram)|\w{1,6}\s(?:login|select|fetch|examine|logout|append|lsub|capability)\b(?=[^\n]{0,40}["({*]|\s\w{1,30}(?:$|[\r\n\u0001]))`;
const mailWords = "data|quit|help|list|stat|top|user|pass|auth|noop|search|status|fetch|select";

/** Tools that say who they are. */
const tools = either(`
  sqlmap nikto nessus acunetix netsparker w3af dirbuster gobuster feroxbuster wfuzz ffuf nuclei wpscan joomscan droopescan masscan zgrab
  nmap openvas arachni skipfish havij jaeles jorgee muieblackcat webinspect appscan zmeu fhscan cgichk commix dotdotpwn libwhisker
  n-stealth nsauditor springenwerk sqlninja struts-pwn sysscan tbi-webscanner ws-attacker bsqlbf absinthe jbrofuzz voideye webaltbot
  dirb whatweb wapiti xsser xsstrike httpx-toolkit sqlibf burpcollaborator interactsh oastify morfeus\\sfucking prog\\.customcrawler
  s\\.t\\.a\\.l\\.k\\.e\\.r\\. core-project mozilla/4\\.0\\s\\(hydra\\) grendel-scan webshag vega/\\d black\\swidow cve-\\d{4}-\\d{4,}`);

/** The protocol itself turned against the server, and tools that ask what only they ask. */
export const protocolSigns: readonly Sign[] = [
  { kind, score: 0.85, in: ["lines"], pattern: /[\u0000\u0002-\u0008\u000b\u000c\u000e-\u001f\u007f]/ },
  { kind, score: 0.8, in: ["referrer", "agent"], pattern: /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/ },
  {
    kind,
    score: 0.9,
    needs: "\n\r",
    in: ["lines"],
    pattern: new RegExp(
      String.raw`[\r\n][\t ]{0,4}(?:${headers}|mail\sfrom\s?:|rcpt\sto\s?:|http/\d|<\s?(?:html|script|body)|(?:get|post|put|head)\s/\S{0,200}\shttp|(?:${mailCommands})(?:$|[\s:]))|=[\r\n]{1,4}(?:${mailWords})(?:$|[\s:])|\bhttp/\d(?:\.\d)?\s?[\r\n]`,
    ),
  },
  // a line break in the name of a parameter
  {
    kind,
    score: 0.85,
    needs: "\n\r",
    in: ["lines"],
    pattern: /\u0001[^\u0001=]{0,60}[\r\n][^\u0001=]{0,60}(?:[=\u0001]|$)/,
  },
  {
    kind,
    score: 0.85,
    needs: ":",
    in: ["query", "agent"],
    pattern: /(?:^|[=\n])\s?(?:set-cookie|content-(?:type|length|disposition)|transfer-encoding)\s?:\s?\S/,
  },
  // filters of a directory service
  {
    ...{ kind, score: 0.85, needs: "()", in: ["query"] },
    pattern:
      /\)\s?\(\s?[|&!]|\)\s?[&|]\s?\(|\(\s?[&|!]\s?\(|\*\s?\)\s?\(|\)\s?\(\s?[a-z]\w{0,30}\s?(?:=|~=|>=|<=|<|>)|\(objectclass=/,
  },
  { kind, score: 0.8, needs: "=", in: ["query"], pattern: /(?:^|\n)_method=[a-z]{3,10}(?:$|\n)/ },
  { kind, score: 0.85, needs: ":", in: ["query"], pattern: /(?:^|\n|=)unix:[^\n]{3,}\|/ },
  {
    kind,
    score: 0.7,
    needs: "=",
    in: ["query"],
    pattern: /(?:^|\n)(?:jsessionid|phpsessid|aspsessionid\w{0,12}|asp\.net_sessionid)=[\w-]{16,}/,
  },
  { kind, score: 0.8, in: ["query"], pattern: /(?:^|\n)[^=\n]{100}/ },
  { kind: "scanner", score: 0.8, in: ["agent"], pattern: new RegExp(String.raw`(?:^|[^\w])(?:${tools})(?:$|[^a-z])`) },
  {
    kind: "scanner",
    score: 0.8,
    needs: ".",
    in: ["query"],
    pattern:
      /\.(?:oastify\.com|burpcollaborator\.net|interact\.sh|oast\.(?:fun|me|pro|live|site|online)|dnslog\.cn|ceye\.io|requestbin\.net|canarytokens\.com)\b/,
  },
  // one word, a line break, another word: a message has blanks
  { kind, score: 0.7, needs: "\n\r", in: ["lines"], pattern: /=[\w.-]{0,40}[\r\n]{1,2}[\w:-]{1,40}(?:\u0001|$)/ },
  // one character again and again, for a buffer
  { kind, score: 0.75, in: ["query", "path"], pattern: /([a-z0-9./%])\1{199}/ },
];

/** Read in the raw part, as it was sent. */
export const rawSigns: readonly {
  readonly score: number;
  readonly pattern: RegExp;
  readonly in: "path" | "query" | "both";
}[] = [
  { score: 0.85, pattern: /%00|%u0000/i, in: "both" },
  { score: 0.8, pattern: /%0[ad]/i, in: "path" },
  // letters and figures are never encoded by honest programs
  { score: 0.75, pattern: /(?:%(?:25)?(?:4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a]|3[0-9]).{0,3}?){3}/i, in: "both" },
  { score: 0.75, pattern: /%2e/i, in: "path" },
  { score: 0.8, pattern: /%uff[0-5][0-9a-f]/i, in: "both" },
  // overlong UTF-8, and bytes that stand for no letter in any encoding people use (Big5, GBK, UTF-8, Latin-1)
  { score: 0.85, pattern: /%c0%[a8]|%c1%[89]|%e0%80%a|%(?:25){1,3}(?:2e|5c|00|c0)/i, in: "both" },
  { score: 0.7, pattern: /(?<!%[0-9a-f]{2})%(?:80|ff)(?!%[89a-f])/i, in: "both" },
  // percent signs before what is no number; a macro of a mailing ("%name%") has two
  { score: 0.7, pattern: /%(?![\w.-]{1,40}%)(?:[0-9a-f][g-z]|[g-tv-z][0-9a-z])/i, in: "both" },
  // what stands behind # stays in the browser
  { score: 0.7, pattern: /#/, in: "both" },
];
