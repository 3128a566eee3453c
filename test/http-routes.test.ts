import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fastify, type InjectOptions } from "fastify";
import { type Permission, permissions, type Role, roles } from "#community/roles.ts";
import { onlyDeclared } from "#http/declared-routes.ts";
import type { Route, Who } from "#http/route.ts";
import { allRoles } from "./http-acts.ts";
import { bearer, cookie, ours, type Running, run } from "./http-server.ts";

let running: Running;
before(async () => {
  running = await run();
});
after(async () => running.server.close());

test("openHttp() serves exactly these routes to exactly these callers", () => {
  const table = running.server.routes.map(({ method, url, who }) => `${method} ${url} ← ${[who].flat().join(" | ")}`);
  assert.deepEqual(table, [
    "GET /api/v1/light ← public",
    "GET /api/v1/session ← session",
    "POST /api/v1/session ← public",
    "DELETE /api/v1/session ← session",
    "GET /api/v1/findings ← findings.read",
    "GET /api/v1/findings/:id ← findings.read",
    "POST /api/v1/findings/:id/acts ← findings.decide",
    "POST /api/v1/findings/:id/answers ← findings.answer",
    "GET /api/v1/incidents ← incidents.read",
    "GET /api/v1/incidents/:id ← incidents.read",
    "POST /api/v1/incidents/:id/acts ← incidents.decide",
    "POST /api/v1/findings/:id/steps ← findings.decide",
    "GET /api/v1/silences ← findings.decide",
    "POST /api/v1/silences ← findings.decide",
    "POST /api/v1/silences/:id/end ← findings.decide",
    "GET /api/v1/attack ← sources.read",
    "GET /api/v1/sources ← sources.read",
    "GET /api/v1/sources/:id ← sources.read",
    "POST /api/v1/sources/:id/acts ← sources.decide",
    "GET /api/v1/status ← session",
    "GET /api/v1/rules ← sources.read",
    "GET /api/v1/rules/problems ← sources.read",
    "POST /api/v1/rules/try ← sources.read",
    "POST /api/v1/rules/decisions ← sources.decide",
    "GET /api/v1/rules/:id ← sources.read",
    "POST /api/v1/rules/:id/acts ← sources.decide",
    "POST /api/v1/indicators/:id/verdict ← sources.decide",
    "GET /api/v1/verdicts ← sources.decide",
    "GET /api/v1/verdicts/history ← sources.decide",
    "GET /api/v1/exclusions/check ← sources.read",
    "GET /api/v1/exclusions ← sources.read",
    "POST /api/v1/exclusions ← sources.decide",
    "POST /api/v1/exclusions/:id/end ← sources.decide",
    "GET /api/v1/advisories ← indicators.read",
    "GET /api/v1/advisories/:id ← indicators.read",
    "GET /api/v1/organisations/:id/inventories ← community.read | own.read",
    "GET /api/v1/organisations/:id/inventories/:name ← community.read | own.read",
    "PUT /api/v1/organisations/:id/inventories/:name ← community.write | own.write",
    "DELETE /api/v1/organisations/:id/inventories/:name ← community.write | own.write",
    "GET /api/v1/organisations/:id/products ← findings.read",
    "GET /api/v1/organisations/:id/products/matches ← findings.read",
    "GET /api/v1/products/weaknesses ← findings.read",
    "GET /api/v1/products/matches ← findings.read",
    "GET /api/v1/advisories/:id/affected ← indicators.read",
    "POST /api/v1/intake ← sources.write",
    "GET /api/v1/sources/:id/rejected ← sources.read",
    "POST /api/v1/sources/:id/rejected/repair ← sources.decide",
    "GET /api/v1/indicators ← indicators.read",
    "GET /api/v1/indicators/:id ← indicators.read",
    "POST /api/v1/indicators/look-up ← indicators.read",
    "POST /api/v1/hunts ← findings.decide | findings.answer",
    "GET /api/v1/hunts ← findings.decide | findings.answer",
    "GET /api/v1/hunts/automatic ← findings.decide",
    "POST /api/v1/hunts/automatic/:id/cancel ← findings.decide",
    "GET /api/v1/hunts/:id ← findings.decide | findings.answer",
    "GET /api/v1/hunts/:id/results ← findings.decide | findings.answer",
    "DELETE /api/v1/hunts/:id ← findings.decide | findings.answer",
    "GET /api/v1/kept ← system.read | own.read",
    "POST /api/v1/kept/:id ← community.write",
    "POST /api/v1/kept/:id/holds ← community.write",
    "POST /api/v1/holds/:id/end ← community.write",
    "GET /api/v1/stream ← session",
    "GET /api/v1/organisations ← community.read | own.read",
    "GET /api/v1/organisations/:id ← community.read | own.read",
    "GET /api/v1/people ← community.read | own.read",
    "GET /api/v1/assets ← community.read | own.read",
    "POST /api/v1/assets ← community.write | own.write",
    "POST /api/v1/assets/:id/end ← community.write | own.write",
    "GET /api/v1/sensors ← community.read | own.read",
    "POST /api/v1/directory ← community.write",
    "GET /api/v1/tokens ← users.write | own.write",
    "POST /api/v1/tokens ← users.write | own.write",
    "DELETE /api/v1/tokens/:id ← users.write | own.write",
    "POST /api/v1/telemetry ← sensor",
    "GET /api/v1/sensor/knowledge ← sensor",
    "GET /api/v1/sensor/rules ← sensor",
    "GET /api/v1/sensor/asks ← sensor",
    "GET /api/v1/sensor/inside ← own.read | findings.decide",
    "GET /api/v1/sensor/parcels ← own.read | findings.decide",
    "GET /api/v1/sensor/parcels/:id ← own.read | findings.decide",
    "GET /api/v1/sensor/parcels/:id/content ← own.read | findings.decide",
    "GET /lists/:file ← partner-token",
    "GET /api/v1/sharing ← releases.read",
    "GET /api/v1/sharing/:party/preview ← releases.read",
    "GET /api/v1/sharing/:party/ledger ← releases.read | own.write",
    "GET /api/v1/sharing/:party/setup ← releases.read | own.write",
    "GET /api/v1/sharing/:party/count ← releases.read | own.write",
    "POST /api/v1/sharing/:party/lists ← community.write | own.write",
    "DELETE /api/v1/sharing/:party/lists/:name ← community.write | own.write",
    "POST /api/v1/sharing/:party/webhooks ← community.write | own.write",
    "GET /api/v1/sharing/:party/webhooks/:id/deliveries ← releases.read | own.write",
    "POST /api/v1/sharing/:party/webhooks/:id/acts ← community.write | own.write",
    "DELETE /api/v1/sharing/:party/webhooks/:id ← community.write | own.write",
    "GET /news/:file ← public",
    "GET /lists/news/:file ← partner-token",
    "GET /api/v1/collections ← community.read",
    "POST /api/v1/collections ← community.write",
    "GET /api/v1/collections/:id ← community.read",
    "POST /api/v1/collections/:id/rights ← community.write",
    "POST /api/v1/collections/:id/acts ← sources.decide",
    "GET /taxii2/ ← indicators.read",
    "GET /taxii2 ← indicators.read",
    "GET /taxii2/waglan/ ← indicators.read",
    "GET /taxii2/waglan ← indicators.read",
    "GET /taxii2/waglan/status/:status/ ← indicators.read",
    "GET /taxii2/waglan/status/:status ← indicators.read",
    "GET /taxii2/waglan/collections/ ← indicators.read",
    "GET /taxii2/waglan/collections ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/ ← indicators.read",
    "GET /taxii2/waglan/collections/:collection ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/manifest/ ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/manifest ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/objects/ ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/objects ← indicators.read",
    "POST /taxii2/waglan/collections/:collection/objects/ ← objects.write",
    "POST /taxii2/waglan/collections/:collection/objects ← objects.write",
    "GET /taxii2/waglan/collections/:collection/objects/:object/ ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/objects/:object ← indicators.read",
    "DELETE /taxii2/waglan/collections/:collection/objects/:object/ ← objects.write",
    "DELETE /taxii2/waglan/collections/:collection/objects/:object ← objects.write",
    "GET /taxii2/waglan/collections/:collection/objects/:object/versions/ ← indicators.read",
    "GET /taxii2/waglan/collections/:collection/objects/:object/versions ← indicators.read",
    "GET /misp/* ← indicators.read",
    "POST /misp/* ← indicators.read",
    "DELETE /misp/* ← indicators.read",
    "GET /a/:token ← public",
    "POST /a/:token ← public",
    "GET /answer.css ← public",
    "GET /healthz ← public",
    "GET /readyz ← public",
    "GET /metrics ← operator",
    "GET /.well-known/security.txt ← public",
    "GET /api/openapi.json ← public",
    "GET /api/docs ← public",
    "GET / ← public",
    "GET /* ← public",
  ]);
});

test("openHttp() stops the program when a route is registered that the table does not have", async () => {
  // Fastify takes no routes after ready(), where tests get the server: so a bare one, with the same guard.
  const app = fastify();
  onlyDeclared(app, running.server.routes);
  app.get("/healthz", async () => "declared");
  assert.throws(
    () => app.get("/api/v1/backdoor", async () => "undeclared"),
    /GET \/api\/v1\/backdoor is not in the route table/,
  );
  assert.throws(() => app.put("/healthz", async () => "undeclared method"), /PUT \/healthz is not in the route table/);
});

interface Identity {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly role?: Role;
  readonly kind: "stranger" | "session" | "sensor" | "party" | "party without lists";
}

const identities = (): readonly Identity[] => [
  { name: "stranger", headers: {}, kind: "stranger" },
  ...allRoles.map(
    (role): Identity => ({ name: role, headers: cookie(running.world.session(role)), role, kind: "session" }),
  ),
  { name: "sensor", headers: bearer(running.world.token("sensor")), kind: "sensor" },
  { name: "party", headers: bearer(running.world.token("party")), kind: "party" },
  {
    name: "party without lists",
    headers: bearer(running.world.token("party without lists")),
    kind: "party without lists",
  },
];

/** The slow obvious reading of `who`, from the role table alone. */
const expected = (who: Who, { role, kind }: Identity): "in" | 401 | 403 => {
  if (who === "public") return "in";
  if (kind === "stranger") return 401;
  const has = (permission: Permission): boolean =>
    kind === "session" && role !== undefined
      ? (roles[role].may as readonly Permission[]).includes(permission)
      : kind === "sensor"
        ? permission === "telemetry.write" || permission === "lists.read"
        : kind === "party"
          ? permission === "lists.read"
          : permission === "indicators.read";
  if (who === "session") return kind === "session" ? "in" : 403;
  if (who === "sensor") return kind === "sensor" ? "in" : 403;
  if (who === "partner-token") return kind === "party" ? "in" : 403;
  if (who === "operator") return has("system.read") ? "in" : 403;
  return [who].flat().some((permission) => has(permission)) ? "in" : 403;
};

/** A request that would be fine for somebody who may make it. */
const fine = (route: Route): InjectOptions => {
  const url = route.url
    .replace(
      ":id",
      route.url.includes("findings") ? "f-o-harbour" : route.url.includes("sources") ? "abusech-feodo" : "a-1",
    )
    .replace(":file", route.url.includes("news") ? "en.atom" : "addresses.txt")
    .replace(":token", "good")
    .replace("*", "nothing-here");
  const json: Readonly<Record<string, object>> = {
    "/api/v1/session": { name: "keeper", password: "a lamp on the rock" },
    "/api/v1/findings/:id/acts": { act: "note", reason: "seen" },
    "/api/v1/findings/:id/answers": { answer: "acknowledged" },
    "/api/v1/sources/:id/acts": { act: "collect" },
    "/api/v1/intake": { text: "hxxp://bad[.]example/", tlp: "amber", grade: "B2", dryRun: true },
    "/api/v1/assets": { organisation: "o-harbour", kind: "domain", value: "harbour.example" },
    "/api/v1/assets/:id/end": {},
    "/api/v1/collections": { alias: "gate", title: "Gate", readers: ["members"], writers: [] },
    "/api/v1/sharing/:party/lists": { name: "ours", query: "addresses?label=bot" },
    "/api/v1/sharing/:party/webhooks": { url: "https://hook.example/x", events: ["recall"] },
    "/api/v1/collections/:id/acts": { act: "let-speak", organisation: "o-harbour" },
    "/api/v1/hunts/automatic/:id/cancel": { reason: "a test" },
    "/api/v1/kept/:id": { what: "record", days: 30, reason: "a test" },
    "/api/v1/kept/:id/holds": { since: "2026-11-01T00:00:00Z", reason: "a test" },
    "/api/v1/holds/:id/end": { reason: "a test" },
    "/api/v1/hunts": { values: ["bad.example"], purpose: "a test" },
    "/api/v1/tokens": { kind: "party", title: "wall", organisation: "o-harbour", permissions: ["lists.read"] },
  };
  const common = { method: route.method, url, remoteAddress: "203.0.113.9" } as const;
  if (route.method !== "POST") return { ...common, headers: ours };
  const type = route.takes?.[0] ?? "application/json";
  const payload = json[route.url];
  return {
    ...common,
    headers: { ...ours, "content-type": type },
    payload: payload ? JSON.stringify(payload) : type.includes("form") ? "answer=fixed" : "organisations: []\n",
  };
};

test("every route lets in whom it declares and nobody else, in every role", async () => {
  let asked = 0;
  const seen = new Set<string>();
  for (const route of running.server.routes)
    for (const identity of identities()) {
      // Signing out would end the role's one session; http-session.test.ts does it. A stream does not end by itself.
      const leaves = route.method === "DELETE" && route.url === "/api/v1/session";
      const want = expected(route.who, identity);
      if (want === "in" && (leaves || route.url === "/api/v1/stream")) continue;
      const request = fine(route);
      const { statusCode } = await running.ask({ ...request, headers: { ...request.headers, ...identity.headers } });
      const where = `${route.method} ${route.url} as ${identity.name}`;
      if (want !== "in") assert.equal(statusCode, want, where);
      // Absent is fine too: organisations without a row, a finding of somebody else. It is past the door.
      else assert.ok(![401, 403, 405, 415, 500, 503].includes(statusCode), `${where}: ${statusCode}`);
      seen.add(`${route.who}:${want}`);
      asked++;
    }
  assert.ok(asked > 37 * 13, `${asked} pairs were asked`);
  for (const outcome of ["sensor:in", "sensor:403", "partner-token:in", "operator:in", "operator:403", "session:401"])
    assert.ok(seen.has(outcome), outcome);
});

test("permissions that routes name exist", () => {
  const doors = ["public", "session", "sensor", "partner-token", "operator"];
  const named = new Set(running.server.routes.flatMap(({ who }) => [who].flat() as string[])).difference(
    new Set(doors),
  );
  assert.ok(named.size > 8, `${named.size} permissions are named`);
  assert.deepEqual([...named.difference(new Set<string>(permissions))], []);
});

test("/metrics is open to this machine, not through a proxy, a rebound page or from elsewhere", async () => {
  const from = (request: InjectOptions): Promise<number> =>
    running.ask({ url: "/metrics", ...request }).then(({ statusCode }) => statusCode);
  assert.equal(await from({ remoteAddress: "127.0.0.1", headers: { host: "127.0.0.1:8420" } }), 200);
  assert.equal(await from({ remoteAddress: "::1", headers: { host: "[::1]:8420" } }), 200);
  assert.equal(await from({ remoteAddress: "203.0.113.9", headers: { host: "localhost" } }), 401);
  assert.equal(await from({ remoteAddress: "127.0.0.1", headers: { host: "rebound.example" } }), 401);
  assert.equal(
    await from({ remoteAddress: "127.0.0.1", headers: { host: "localhost", "x-forwarded-for": "203.0.113.9" } }),
    401,
  );
});
