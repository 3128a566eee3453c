import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { components } from "#http/components.ts";
import { errors } from "#core/errors.ts";
import { type Running, run } from "./http-server.ts";

let running: Running;
before(async () => {
  running = await run();
});
after(async () => running.server.close());

interface Operation {
  readonly operationId: string;
  readonly "x-waglan-who": unknown;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}
const read = async (): Promise<Document> =>
  JSON.parse((await running.ask({ url: "/api/openapi.json" })).body) as Document;

test("the OpenAPI document has every route but the portal's catch-all, with who may call it", async () => {
  const document = await read();
  assert.match(document.openapi, /^3\.1\./);
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const declared = running.server.routes
    .filter(({ url, hidden }) => url !== "/*" && !hidden)
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, "{$1}").replace("/*", "/{*}")}`);
  assert.deepEqual(described.filter((one) => !one.startsWith("HEAD ")).sort(), declared.sort());
  const operations = Object.values(document.paths).flatMap((methods) =>
    Object.entries(methods).flatMap(([method, operation]) => (method === "head" ? [] : [operation])),
  );
  assert.ok(operations.every((operation) => operation["x-waglan-who"] !== undefined && operation.operationId !== ""));
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});

test("its components keep the names of their schemas, and every reference leads to one", async () => {
  const document = await read();
  assert.deepEqual(
    Object.keys(document.components.schemas).sort(),
    components.map((schema) => String((schema as { $id?: string }).$id)).sort(),
  );
  const references = new Set(JSON.stringify(document).match(/"\$ref":"[^"]*"/g));
  assert.ok(references.size > 25, `${references.size} references`);
  for (const reference of references) {
    const name = /^"\$ref":"#\/components\/schemas\/(\w+)"$/.exec(reference)?.[1];
    assert.ok(name !== undefined && name in document.components.schemas, reference);
  }
});

test("bodies and answers are named in it", async () => {
  const { paths } = await read();
  const act = paths["/api/v1/findings/{id}/acts"]?.["post"];
  assert.equal(act?.requestBody?.content["application/json"]?.schema.$ref, "#/components/schemas/FindingAct");
  assert.deepEqual(act?.responses["4XX"], {
    description: "An RFC 9457 problem document",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/ProblemDocument" } } },
  });
  assert.ok(paths["/api/v1/telemetry"]?.["post"]?.requestBody?.content["application/x-ndjson"]);
  assert.ok(JSON.stringify(paths["/api/v1/stream"]).includes("text/event-stream"));
});

test("/api/docs lists every route and every error, without a script", async () => {
  const { body, headers } = await running.ask({ url: "/api/docs" });
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  for (const { method, url } of running.server.routes) assert.ok(body.includes(`<code>${method} ${url}</code>`), url);
  for (const code of Object.keys(errors)) assert.ok(body.includes(`id="${code}"`), code);
  assert.doesNotMatch(body, /<script|style=/);
});

test("the portal's files are served from memory, and its page for every path of its own", async () => {
  const folder = await mkdtemp(join(tmpdir(), "waglan-portal-"));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "index.html"), "<!doctype html><title>waglan</title>");
  await writeFile(join(folder, "assets", "index-Bx3f_9aQ.js"), `export const lamp = "${"lit ".repeat(500)}";`);
  await writeFile(join(folder, "notes.exe"), "not ours");
  const other = await run({ portal: folder });
  const get = (url: string, headers: Record<string, string> = {}): ReturnType<Running["ask"]> =>
    other.ask({ url, headers });
  const page = { accept: "text/html,*/*" };
  const first = await get("/", page);
  assert.equal(first.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(first.headers["cache-control"], "no-cache");
  assert.equal((await get("/", { ...page, "if-none-match": String(first.headers["etag"]) })).statusCode, 304);
  assert.equal((await get("/findings/f-1", page)).body, first.body);
  const script = await get("/assets/index-Bx3f_9aQ.js", { "accept-encoding": "gzip, br" });
  assert.equal(script.headers["content-encoding"], "gzip");
  assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
  assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.equal((await get("/assets/index-Bx3f_9aQ.js")).headers["content-encoding"], undefined);
  for (const path of [
    "/assets/gone-12345678.js",
    "/notes.exe",
    "/api/v1/nothing",
    "/api",
    "/lists",
    "/../package.json",
    "/..%2fpackage.json",
  ])
    assert.equal((await get(path, page)).statusCode, 404, path);
  // A path is a key of a map: there is nothing to climb out of.
  assert.equal((await get("/%2e%2e/%2e%2e/etc/passwd", page)).body, first.body);
  assert.equal((await get("/findings/f-1", { accept: "application/json" })).statusCode, 404);
  await other.server.close();
  await rm(folder, { recursive: true });
});
