import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";
import { Value } from "typebox/value";
import type { TSchema } from "typebox";
import { AdvisoryDetail, AdvisoryPage, AdvisoryRow } from "#api/advisory.ts";
import { CollectionRow } from "#api/collection.ts";
import { Because, FindingAct, FindingAnswer, FindingDetail, FindingPage, FindingRow } from "#api/finding.ts";
import { OrganisationRow } from "#api/community.ts";
import { ExclusionRow, VerdictRow } from "#api/indicator-care.ts";
import { IndicatorRow } from "#api/indicator.ts";
import { ProductMatchRow, WeaknessRow } from "#api/inventory.ts";
import { ProblemDocument } from "#api/problem.ts";
import { Light, Me, SignIn } from "#api/session.ts";
import { Scorecard } from "#api/scorecard.ts";
import { SourceAct, SourceDetail, SourceList, SourceRow } from "#api/source.ts";
import { PreviewValue, SharingParty, WebhookRow } from "#api/sharing.ts";
import { Alarm, Status } from "#api/status.ts";
import { TokenRow } from "#api/token.ts";
import { preferredLanguage, type Language } from "#words/language.ts";
import { advisoriesOf, advisoryOf } from "./fixture-advisories.ts";
import { newCare } from "./fixture-care.ts";
import { productsOf } from "./fixture-products.ts";
import { newSharing } from "./fixture-sharing.ts";
import { detailOf, type Held, light, meOf, newFindings, pageOf, sourceDetail, sources, status } from "./fixture.ts";

/** A portal server for browser tests: serves web/dist under the strict policy and canned answers that the schemas accept. */
export interface FixtureServer {
  readonly url: string;
  /** Policy violations that browsers reported. */
  readonly reports: readonly string[];
  /** Tells every open stream that findings changed. */
  readonly tell: (changed: number) => void;
  /** The next calls of the API fail with 503 until given `false`. */
  readonly fail: (failing: boolean) => void;
  /** Starts the community anew, with so many open findings. */
  readonly reset: (open?: number) => void;
  readonly close: () => Promise<void>;
}

const dist = new URL("../../web/dist/", import.meta.url);
const allowed: { readonly "style-src": readonly string[]; readonly "trusted-types": readonly string[] } = JSON.parse(
  readFileSync(new URL("../../web/csp.json", import.meta.url), "utf8"),
);

/** The policy of the portal; the real server sends the same, and a report address on top. */
export const policy: string = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src ${["'self'", ...allowed["style-src"].map((hash) => `'${hash}'`)].join(" ")}`,
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  `trusted-types ${allowed["trusted-types"].length === 0 ? "'none'" : allowed["trusted-types"].join(" ")}`,
].join("; ");

const context = {
  ...{ Alarm, AdvisoryRow, FindingRow, Because, Scorecard, SourceRow, IndicatorRow, VerdictRow, ExclusionRow },
  ...{ CollectionRow, PreviewValue, SharingParty, WebhookRow, TokenRow },
  ...{ OrganisationRow, ProductMatchRow, WeaknessRow },
};

export const startFixture = async (): Promise<FixtureServer> => {
  const reports: string[] = [];
  const streams = new Set<ServerResponse>();
  const sessions = new Map<string, boolean>();
  let findings: Held[] = newFindings(34);
  let failing = false;
  let [sharing, care] = [newSharing(), newCare()];

  const answer = (response: ServerResponse, schema: TSchema, value: unknown, code = 200): void => {
    if (!Value.Check(context, schema, value))
      throw new Error(
        `the fixture drifted from the schema: ${JSON.stringify([...Value.Errors(context, schema, value)].slice(0, 3))}`,
      );
    const type = code >= 400 ? "application/problem+json" : "application/json";
    response.writeHead(code, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" });
    response.end(JSON.stringify(value));
  };
  const refuse = (response: ServerResponse, code: number, detail: string): void =>
    answer(
      response,
      ProblemDocument,
      {
        type: "about:blank",
        title: detail,
        status: code,
        code: "WGL_FIXTURE",
        detail,
        request: `req-${randomUUID().slice(0, 8)}`,
      },
      code,
    );

  const api = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = url.pathname.slice("/api/v1".length);
    const language: Language = preferredLanguage([request.headers["accept-language"] ?? "en"], "en");
    if (path === "/light") return answer(response, Light, light);
    if (request.method !== "GET" && request.headers["x-waglan"] !== "1")
      return refuse(response, 403, "The header x-waglan is missing");
    if (failing && path !== "/session") return refuse(response, 503, "The database is not there");
    const cookie = /waglan=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    if (path === "/session" && request.method === "POST") {
      const body: unknown = await read(request);
      if (!Value.Check(SignIn, body)) return refuse(response, 422, "Name and password are wanted");
      const account = light.sample?.find((each) => each.name === body.name && each.password === body.password);
      if (!account) return refuse(response, 401, "Name or password is wrong");
      const id = randomUUID();
      const staff = account.name.endsWith("@cert.example");
      sessions.set(id, staff);
      response.setHeader("set-cookie", `waglan=${id}; HttpOnly; SameSite=Strict; Path=/`);
      return answer(response, Me, meOf(staff, language));
    }
    const staff = sessions.get(cookie);
    if (staff === undefined) return refuse(response, 401, "Please sign in");
    const mine = staff ? undefined : "o-transport";
    if (path === "/session") {
      if (request.method === "GET") return answer(response, Me, meOf(staff, language));
      sessions.delete(cookie);
      response.writeHead(204).end();
      return;
    }
    if (path === "/stream") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(": here\n\n");
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    if (path === "/status") return answer(response, Status, status);
    if (path === "/findings") {
      const asked = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
      const [organisation, severity, search] = [asked("organisation"), asked("severity"), asked("search")];
      const view =
        (["open", "snoozed", "suppressed", "shadow", "closed"] as const).find((each) => each === asked("view")) ??
        "open";
      return answer(
        response,
        FindingPage,
        pageOf(
          findings,
          {
            view,
            ...(organisation === undefined ? {} : { organisation }),
            ...(severity === undefined ? {} : { severity }),
            ...(search === undefined ? {} : { search }),
            start: Number(asked("cursor") ?? 0),
            limit: Number(asked("limit") ?? 50),
          },
          language,
          mine,
        ),
      );
    }
    if (path === "/advisories") return answer(response, AdvisoryPage, advisoriesOf(language, url.searchParams));
    const part = path.split("/").map(decodeURIComponent);
    const advisory = part[1] === "advisories" ? advisoryOf(language, part[2] ?? "") : undefined;
    if (advisory) return answer(response, AdvisoryDetail, advisory);
    const named = path.slice(1).split("/").map(decodeURIComponent);
    if (
      [
        ...["sharing", "tokens", "collections", "indicators", "verdicts", "exclusions", "intake"],
        ...["organisations", "products"],
      ].includes(named[0] ?? "") ||
      named[2] === "rejected"
    ) {
      const asked = {
        ...{ method: request.method ?? "GET", path: named, query: url.searchParams, language, staff },
        body: request.method === "POST" ? await read(request) : undefined,
      };
      const said = sharing(asked) ?? care(asked) ?? productsOf(asked);
      if (said === undefined) return refuse(response, 404, "There is no such thing");
      if ("refused" in said) return refuse(response, said.status, said.refused);
      if ("schema" in said) return answer(response, said.schema, said.value, said.status ?? 200);
      response.writeHead(204).end();
      return;
    }
    const held = part[1] === "findings" ? findings.find((each) => each.row.id === part[2]) : undefined;
    if (held && (staff || held.organisation.id === mine)) {
      if (part[3] === "acts") {
        const body: unknown = await read(request);
        if (!staff || !Value.Check(FindingAct, body)) return refuse(response, 422, "Cannot read the act");
        doAct(held, body);
      } else if (part[3] === "answers") {
        const body: unknown = await read(request);
        if (staff || !Value.Check(FindingAnswer, body)) return refuse(response, 422, "Cannot read the answer");
        held.answers.push({
          at: new Date().toISOString(),
          who: "Chan Hoi-ki",
          answer: body.answer,
          ...(body.note === undefined ? {} : { note: body.note }),
        });
      }
      return answer(response, FindingDetail, detailOf(held, language, staff));
    }
    if (staff && path === "/sources") return answer(response, SourceList, { sources: sources(language) });
    const source = staff && part[1] === "sources" ? sources(language).find((each) => each.id === part[2]) : undefined;
    if (source) {
      if (part[3] === "acts" && !Value.Check(SourceAct, await read(request)))
        return refuse(response, 422, "Cannot read the act");
      return answer(response, SourceDetail, sourceDetail(source));
    }
    return refuse(response, 404, "There is no such thing");
  };

  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://fixture.example");
    response.setHeader("content-security-policy", `${policy}; report-uri /csp-report`);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    const done =
      url.pathname === "/csp-report"
        ? read(request).then((body) => void (reports.push(JSON.stringify(body)), response.writeHead(204).end()))
        : url.pathname.startsWith("/api/v1/")
          ? api(request, response, url)
          : file(url.pathname, response);
    done.catch((error: unknown) => {
      reports.push(`fixture: ${String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(Number(process.env["FIXTURE_PORT"] ?? 0), "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    reports,
    tell: (changed) => {
      for (const stream of streams) stream.write(`event: findings\ndata: {"changed":${changed}}\n\n`);
    },
    fail: (now) => {
      failing = now;
    },
    reset: (open = 34) => {
      findings = newFindings(open);
      [sharing, care] = [newSharing(), newCare()];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const doAct = (held: Held, body: { readonly act: string; readonly until?: string; readonly reason?: string }): void => {
  const outcome = {
    acknowledge: ["open", "acknowledged"],
    release: ["open", "notified"],
    snooze: ["snoozed", held.row.state],
    wake: ["open", held.row.state],
    suppress: ["suppressed", "suppressed"],
    false: ["closed", "false"],
    "accept-risk": ["closed", "risk-accepted"],
    reopen: ["open", "reopened"],
  } as const;
  const next = body.act in outcome ? outcome[body.act as keyof typeof outcome] : undefined;
  if (next) {
    held.view = next[0];
    const { snoozedUntil: _, ...row } = held.row;
    held.row = {
      ...row,
      state: next[1],
      shadow: false,
      ...(body.act === "snooze" && body.until !== undefined ? { snoozedUntil: body.until } : {}),
    };
  }
  held.history.push({
    at: new Date().toISOString(),
    who: "Lo Wing-yan",
    what: { en: body.act, "zh-Hant-HK": body.act, "zh-Hans": body.act },
    ...(body.reason === undefined ? {} : { note: body.reason }),
  });
};

const read = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "null");
};

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html",
};

/** A file of the build, or the page itself: the portal's addresses are its own. */
const file = async (path: string, response: ServerResponse): Promise<void> => {
  const name = normalize(path).replace(/^\/+/, "");
  const wanted = name === "" || extname(name) === "" ? "index.html" : name;
  const body = await readFile(new URL(wanted, dist)).catch(() => undefined);
  if (!body) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": `${types[extname(wanted)] ?? "application/octet-stream"}; charset=utf-8` });
  response.end(body);
};
