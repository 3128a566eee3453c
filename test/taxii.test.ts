import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Got, indicator, objectsOf, openTaxiiWorld, root, taxii, type TaxiiWorld } from "./taxii-world.ts";

// The standard's requirements over raw HTTP, by section of TAXII 2.1 (OASIS Standard, 10 June 2021). One world for all;
// every test takes a collection of its own.
let world: TaxiiWorld;
const requirements: (readonly [string, () => Promise<void>])[] = [];
const required = (name: string, proof: () => Promise<void>): void => void requirements.push([name, proof]);

const ids = (got: Got): readonly string[] =>
  (got.json.objects ?? []).map((one: { id: string }) => one.id.slice(11, 19));
const ordered = (dates: readonly string[]): boolean => dates.every((date, n) => n === 0 || (dates[n - 1] ?? "") < date);
const isError = (got: Got, status: number, code?: string): void => {
  assert.equal(got.status, status, got.text);
  assert.equal(got.headers["content-type"], taxii);
  assert.equal(got.json.http_status, String(status));
  assert.equal(typeof got.json.title, "string");
  assert.ok(got.json.description.length > 0 && got.json.error_id.length > 0);
  if (code !== undefined) assert.equal(got.json.error_code, code);
};

required("§1.6.8.1 every Accept that names us is answered, and in exactly one media type", async () => {
  for (const accept of [
    taxii,
    "application/taxii+json",
    "application/taxii+json; version=2.1",
    'application/taxii+json;version="2.1"',
    "Application/TAXII+JSON;Version=2.1",
    "text/html, application/taxii+json;version=2.1;q=0.5, */*;q=0.1",
    "application/json;q=0.9, application/*;q=0.2",
    "*/*",
    "",
  ]) {
    const got = await world.send({ path: "/taxii2/", headers: { accept } });
    assert.equal(got.status, 200, accept);
    assert.equal(got.headers["content-type"], taxii, accept);
  }
  for (const accept of [
    "application/json",
    "text/html",
    "application/taxii+json;version=2.0",
    "application/vnd.oasis.taxii+json",
    "application/stix+json;version=2.1",
    "application/taxii+json;version=2.1;q=0",
    "*/*;q=0",
    "application/taxii+json;version=2.1;q=0, */*",
  ])
    for (const path of ["/taxii2/", `${root}collections/`, `${objectsOf("intel")}?limit=1`])
      isError(await world.send({ path, headers: { accept } }), 406, "WGL_TAXII_ACCEPT");
});

required("§1.6.2, §1.6.9 without a credential 401 names Basic and Bearer; either opens", async () => {
  for (const path of ["/taxii2/", root, `${root}collections/`, objectsOf("intel"), `${root}status/2223/`]) {
    const got = await world.send({ path, as: "nobody" });
    isError(got, 401);
    assert.match(String(got.headers["www-authenticate"]), /Bearer .*Basic /);
    assert.equal(
      (await world.send({ path: "/taxii2/", headers: { authorization: "Basic Zm9vOmJhcg==" } })).status,
      401,
    );
  }
  assert.equal((await world.send({ path: "/taxii2/", basic: true })).status, 200);
  assert.equal((await world.send({ path: "/taxii2/" })).status, 200);
});

required("§4.1, §4.2 discovery and api root say what they must", async () => {
  const discovery = await world.get("/taxii2/");
  assert.equal(discovery.json.title, "Harbour CERT");
  assert.deepEqual(discovery.json.api_roots, ["https://waglan.cert.example/taxii2/waglan/"]);
  assert.equal(discovery.json.default, discovery.json.api_roots[0]);
  const information = await world.get(root);
  assert.deepEqual(information.json.versions, [taxii]);
  assert.equal(information.json.max_content_length, 16 * 1024 * 1024);
  assert.equal(typeof information.json.title, "string");
  isError(await world.get("/taxii2/other-root/"), 404);
  isError(await world.get(`${root}nothing/`), 404);
});

required("every path works with and without its last slash", async () => {
  const id = await world.collection();
  await world.post(objectsOf(id), [indicator(1)]);
  for (const path of [
    "/taxii2",
    root.slice(0, -1),
    `${root}collections`,
    `${root}collections/${id}`,
    `${root}collections/${id}/manifest`,
    objectsOf(id).slice(0, -1),
    `${objectsOf(id)}${indicator(1)["id"]}`,
    `${objectsOf(id)}${indicator(1)["id"]}/versions`,
  ]) {
    const [bare, slashed] = [await world.get(path), await world.get(`${path}/`)];
    assert.equal(bare.status, 200, path);
    assert.equal(bare.text, slashed.text, path);
    const head = await world.send({ method: "HEAD", path });
    assert.deepEqual([head.status, head.text, head.headers["content-type"]], [200, "", taxii], path);
    assert.equal(head.headers["content-length"], bare.headers["content-length"], path);
  }
});

required("§5.1, §5.2 collections by right; what one may not use is not there", async () => {
  const [writeOnly, readOnly, hidden] = [
    await world.collection({ readers: ["partners"], writers: ["members"] }),
    await world.collection({ readers: ["members"], writers: [] }),
    await world.collection({ readers: [], writers: [`organisation:${world.organisation("parks")}`] }),
  ];
  const shown = new Map<string, Record<string, unknown>>(
    (await world.get(`${root}collections/`)).json.collections.map((one: { id: string }) => [one.id, one]),
  );
  assert.deepEqual([shown.get(writeOnly)?.["can_read"], shown.get(writeOnly)?.["can_write"]], [false, true]);
  assert.deepEqual([shown.get(readOnly)?.["can_read"], shown.get(readOnly)?.["can_write"]], [true, false]);
  assert.equal(shown.has(hidden), false);
  assert.ok(shown.get(readOnly)?.["media_types"]);
  assert.deepEqual((await world.get(`${root}collections/${readOnly}/`)).json, shown.get(readOnly));
  isError(await world.get(`${root}collections/${hidden}/`), 404);
  isError(await world.get(objectsOf(hidden)), 404);
  isError(await world.get(`${root}collections/12345678-1234-1234-1234-123456789012/`), 404);
  isError(await world.get(objectsOf(writeOnly)), 403, "WGL_TAXII_READ");
  isError(await world.get(`${root}collections/${writeOnly}/manifest/`), 403, "WGL_TAXII_READ");
  isError(await world.post(objectsOf(readOnly), [indicator(1)]), 403, "WGL_TAXII_WRITE");
  assert.equal((await world.post(objectsOf(writeOnly), [indicator(1)])).status, 202);
  // a token that may only read sees that it may only read, and is refused at the door
  const reader = (await world.get(`${root}collections/intel/`, "reader")).json;
  assert.deepEqual([reader.can_read, reader.can_write], [true, false]);
  isError(await world.post(objectsOf("intel"), [indicator(1)], "reader"), 403);
  // by alias
  assert.equal((await world.get(`${root}collections/intel/`)).json.alias, "intel");
});

required("§5.5, §4.3 a POST is answered with a status that adds up and is kept", async () => {
  const id = await world.collection();
  const got = await world.post(objectsOf(id), [indicator(1), indicator(2), indicator(3, { modified: "not a time" })]);
  assert.equal(got.status, 202);
  assert.equal(got.headers["content-type"], taxii);
  const status = got.json;
  assert.match(status.id, /^[0-9a-f-]{36}$/);
  assert.equal(status.status, "complete");
  assert.deepEqual(
    [status.total_count, status.success_count, status.failure_count, status.pending_count],
    [3, 2, 1, 0],
  );
  assert.equal(status.successes.length, 2);
  assert.equal(status.failures[0].id, indicator(3)["id"]);
  assert.match(status.failures[0].message, /modified/);
  assert.match(status.request_timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.deepEqual((await world.get(`${root}status/${status.id}/`)).json, status);
  isError(await world.get(`${root}status/${status.id}/`, "parks"), 404);
  isError(await world.get(`${root}status/22101993/`), 404);
  // a day and more later it is still there, for it is in the database and not in a process
  world.clock.now = (world.clock.now + 25 * 3_600_000) as never;
  await world.post(objectsOf(id), [indicator(4)]);
  assert.equal((await world.get(`${root}status/${status.id}/`)).status, 200);
});

required("§5.5 what cannot be an envelope is refused whole, by its own 4xx", async () => {
  const id = await world.collection();
  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Got> =>
    world.send({ method: "POST", path: objectsOf(id), body, headers });
  const good = JSON.stringify({ objects: [indicator(1)] });
  for (const body of ["", "{", "[1,", "nonsense", '{"objects":[}', `${good}x`]) isError(await post(body), 400);
  for (const body of [
    '{"objects":{}}',
    "{}",
    '"text"',
    "[]",
    JSON.stringify(indicator(1)),
    '{"objects":null}',
    `{"objects":[],"objects":[]}`,
  ])
    isError(await post(body), 422, "WGL_TAXII_ENVELOPE");
  isError(
    await post(JSON.stringify({ type: "bundle", id: "bundle--1", objects: [indicator(1)] })),
    422,
    "WGL_TAXII_BUNDLE",
  );
  for (const type of [
    "application/json",
    "application/stix+json;version=2.1",
    "application/taxii+json;version=2.0",
    "text/plain",
  ])
    isError(await post(good, { "content-type": type }), 415, "WGL_HTTP_MEDIA");
  isError(await post(good, { accept: "application/json" }), 406);
  isError(await post(good, { "content-encoding": "br" }), 415);
  isError(await post("not gzip", { "content-encoding": "gzip" }), 400);
  isError(await post(gzipSync(Buffer.alloc(17 * 1024 * 1024, " ")), { "content-encoding": "gzip" }), 413);
  isError(await post(Buffer.alloc(16 * 1024 * 1024 + 1, " ")), 413);
  isError(await world.send({ method: "POST", path: `${objectsOf(id)}?limit=1`, body: good }), 400);
  // atomic: the good object before the bad one is not kept
  for (const bad of ['"text"', "{}", '{"type":"indicator"}', '{"id":7,"type":"indicator"}', "[]", "null"])
    isError(await post(`{"objects":[${JSON.stringify(indicator(1))},${bad}]}`), 422, "WGL_TAXII_OBJECT");
  assert.equal((await world.get(objectsOf(id))).text, "{}");
  for (const type of [taxii, "application/taxii+json", "application/taxii+json; version=2.1"])
    assert.equal((await post(good, { "content-type": type })).status, 202, type);
});

required("§5.5 bodies in pieces without a length, and packed ones, are taken", async () => {
  const id = await world.collection();
  const body = JSON.stringify({ objects: Array.from({ length: 40 }, (_, n) => indicator(n)) });
  assert.equal((await world.send({ method: "POST", path: objectsOf(id), body, chunked: true })).json.success_count, 40);
  const packed = gzipSync(JSON.stringify({ objects: [indicator(100)] }));
  const got = await world.send({
    method: "POST",
    path: objectsOf(id),
    body: packed,
    headers: { "content-encoding": "gzip" },
  });
  assert.equal(got.json.success_count, 1);
  assert.equal((await world.get(objectsOf(id))).json.objects.length, 41);
});

required("a method that is not there is 405 and names those that are", async () => {
  const id = await world.collection();
  const got = await world.send({ method: "DELETE", path: objectsOf(id) });
  isError(got, 405);
  assert.match(String(got.headers["allow"]), /GET.*POST|POST.*GET/);
  isError(await world.send({ method: "POST", path: "/taxii2/", body: "{}" }), 405);
  isError(await world.send({ method: "PUT", path: objectsOf(id), body: "{}" }), 405);
});

required("the same version again is a success; with other content a failure, and the first one stays", async () => {
  const id = await world.collection();
  const first = await world.post(objectsOf(id), [indicator(1), indicator(1), indicator(2)]);
  assert.deepEqual([first.json.success_count, first.json.failure_count], [3, 0]);
  const { created, ...rest } = indicator(1);
  const again = await world.post(objectsOf(id), [
    { ...rest, created, modified: "2026-01-01T00:00:00Z".replace("Z", ".000000Z") },
  ]);
  assert.deepEqual(
    [again.json.success_count, again.json.failure_count],
    [1, 0],
    "digits that say nothing make no version",
  );
  const other = await world.post(objectsOf(id), [indicator(1, { name: "other" }), indicator(3)]);
  assert.deepEqual([other.json.success_count, other.json.failure_count], [1, 1]);
  assert.match(other.json.failures[0].message, /other content/);
  const got = await world.get(objectsOf(id));
  assert.deepEqual(ids(got), ["00000001", "00000002", "00000003"]);
  assert.equal(got.json.objects[0].name, undefined);
});

required("revoked is for ever, whenever it comes; another creator makes no version", async () => {
  const id = await world.collection();
  const at = (day: number, more = {}): object => indicator(1, { modified: `2026-01-0${day}T00:00:00.000Z`, ...more });
  const got = await world.post(objectsOf(id), [at(1), at(3, { revoked: true }), at(4), at(2)]);
  assert.deepEqual([got.json.success_count, got.json.failure_count], [3, 1]);
  assert.match(got.json.failures[0].message, /revoked/);
  const [latest] = (await world.get(objectsOf(id))).json.objects;
  assert.deepEqual([latest.revoked, latest.modified], [true, "2026-01-03T00:00:00.000Z"]);
  const by = await world.post(objectsOf(id), [
    indicator(2, { created_by_ref: "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff" }),
    indicator(2, { modified: "2026-02-01T00:00:00.000Z" }),
  ]);
  assert.match(by.json.failures[0].message, /another creator/);
});

required(
  "the latest version is the greatest instant at full precision, not the last to come nor the greatest text",
  async () => {
    const id = await world.collection();
    const versions = [
      "2026-01-01T00:00:00.123456789Z",
      "2026-01-01T00:00:00.1234567Z",
      "2026-01-01T00:00:00.12345678Z",
      "2026-01-01T00:00:00.1Z",
    ];
    await world.post(
      objectsOf(id),
      versions.map((modified) => indicator(1, { modified })),
    );
    const [latest] = (await world.get(objectsOf(id))).json.objects;
    assert.equal(latest.modified, versions[0]);
    const all = await world.get(`${objectsOf(id)}${indicator(1)["id"]}/versions/`);
    assert.deepEqual(all.json.versions, versions);
    const first = await world.get(`${objectsOf(id)}?match[version]=first`);
    assert.equal(first.json.objects[0].modified, versions[3]);
    const one = await world.get(`${objectsOf(id)}?match[version]=2026-01-01T00:00:00.123456700Z`);
    assert.deepEqual(
      one.json.objects.map((object: { modified: string }) => object.modified),
      [versions[1]],
    );
  },
);

required("§3.4 values are alternatives, fields bind together, nothing known is passed over", async () => {
  const id = await world.collection();
  const sco = {
    type: "ipv4-addr",
    spec_version: "2.1",
    id: "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd",
    value: "198.51.100.3",
  };
  const old = {
    type: "malware",
    id: "malware--c0931cc6-c75e-47e5-9036-78fabc95d4ec",
    created: "2020-01-01T00:00:00.000Z",
    modified: "2020-01-01T00:00:00.000Z",
    name: "x",
  };
  await world.post(objectsOf(id), [
    indicator(1),
    indicator(2),
    sco,
    old,
    indicator(2, { modified: "2026-03-01T00:00:00.000Z" }),
  ]);
  const count = async (query: string): Promise<number> => {
    const got = await world.get(`${objectsOf(id)}?${query}`);
    assert.equal(got.status, 200, `${query}: ${got.text}`);
    return (got.json.objects ?? []).length;
  };
  const [one, two] = [indicator(1)["id"], indicator(2)["id"]];
  assert.equal(await count(""), 4);
  assert.equal(await count("match[type]=indicator"), 2);
  assert.equal(await count("match[type]=indicator,malware"), 3);
  assert.equal(await count(`match[type]=malware&match[id]=${one}`), 0);
  assert.equal(await count(`match[id]=${one},${two}`), 2);
  assert.equal(await count(`match[id]=${one}&match[id]=${two}`), 2);
  assert.equal(await count("match[version]=all"), 5);
  assert.equal(await count(`match[id]=${two}&match[version]=first,last`), 2);
  assert.equal(await count("match[version]=first,2026-03-01T00:00:00.000Z"), 5);
  assert.equal(await count("match[spec_version]=2.0"), 1);
  assert.equal(await count("match[spec_version]=2.1&match[version]=all"), 4);
  assert.equal(await count("match[spec_version]=1.0"), 0);
  assert.equal((await world.get(`${objectsOf(id)}?match[type]=nothing`)).text, "{}");
  const [manifest] = (await world.get(`${root}collections/${id}/manifest/?match[type]=ipv4-addr`)).json.objects;
  assert.equal(manifest.version, manifest.date_added, "what has no version has the moment of its arrival (§3.4)");
  for (const query of [
    "match[nothing]=1",
    "match[version]=newest",
    "match[type]=",
    "match=indicator",
    "limit=0",
    "limit=-20",
    "limit=many",
    "limit=1.5",
    "limit=1&limit=2",
    "added_after=yesterday",
    "added_after=2026-01-01",
    "added_after=2026-02-30T00:00:00Z",
    "addedafter=2026-01-01T00:00:00Z",
    "next=123",
    "next=",
    "match[id]=%00",
    "match[type]=a%0ab",
  ])
    isError(await world.get(`${objectsOf(id)}?${query}`), 400);
  // one object, and its versions, know fewer filters
  isError(await world.get(`${objectsOf(id)}${one}/?match[type]=indicator`), 400);
  isError(await world.get(`${objectsOf(id)}${one}/versions/?match[version]=all`), 400);
  assert.equal((await world.get(`${objectsOf(id)}${two}/?match[version]=all`)).json.objects.length, 2);
  assert.equal((await world.get(`${objectsOf(id)}${two}/?match[version]=2000-01-01T00:00:00Z`)).text, "{}");
  isError(await world.get(`${objectsOf(id)}${indicator(99)["id"]}/`), 404);
  isError(await world.get(`${objectsOf(id)}${indicator(99)["id"]}/versions/`), 404);
  // the same values come back whatever they are
  assert.equal(
    (await world.get(`${objectsOf(id)}${sco.id}/`)).text,
    `{"more":false,"objects":[${JSON.stringify(sco)}]}`,
  );
});

required(
  "§3.2, §3.5 every object of a POST has a date of its own; added_after is exclusive to the microsecond",
  async () => {
    const id = await world.collection();
    await world.post(
      objectsOf(id),
      Array.from({ length: 27 }, (_, n) => indicator(n)),
    );
    const manifest = await world.get(`${root}collections/${id}/manifest/`);
    const dates: string[] = manifest.json.objects.map((one: { date_added: string }) => one.date_added);
    assert.equal(new Set(dates).size, 27);
    assert.ok(ordered(dates) && dates.every((date) => /\.\d{6}Z$/.test(date)));
    for (const [n, date] of dates.entries()) {
      const later = await world.get(`${objectsOf(id)}?added_after=${date}`);
      assert.equal((later.json.objects ?? []).length, 26 - n);
    }
    // a client that polls by X-TAXII-Date-Added-Last alone, three at a time
    let after = "";
    const seen: string[] = [];
    for (;;) {
      const got = await world.get(`${objectsOf(id)}?limit=3${after === "" ? "" : `&added_after=${after}`}`);
      if (got.json.objects === undefined) break;
      seen.push(...ids(got));
      after = String(got.headers["x-taxii-date-added-last"]);
    }
    assert.equal(new Set(seen).size, 27);
    assert.equal(seen.length, 27);
  },
);

required("§3.5 the date headers stand on every page of every view, and say its first and last object", async () => {
  const id = await world.collection();
  const two = indicator(1, { modified: "2026-05-01T00:00:00.000Z" });
  await world.post(objectsOf(id), [indicator(1), two, indicator(2)]);
  const dates = (await world.get(`${root}collections/${id}/manifest/?match[version]=all`)).json.objects.map(
    (one: { date_added: string }) => one.date_added,
  );
  for (const [path, first, last] of [
    [`${root}collections/${id}/manifest/?match[version]=all`, dates[0], dates[2]],
    [`${objectsOf(id)}?match[version]=all`, dates[0], dates[2]],
    [objectsOf(id), dates[1], dates[2]],
    [`${objectsOf(id)}${two["id"]}/`, dates[1], dates[1]],
    [`${objectsOf(id)}${two["id"]}/versions/`, dates[0], dates[1]],
    [`${objectsOf(id)}?limit=1`, dates[1], dates[1]],
  ]) {
    const got = await world.get(String(path));
    assert.deepEqual(
      [got.headers["x-taxii-date-added-first"], got.headers["x-taxii-date-added-last"]],
      [first, last],
      String(path),
    );
  }
  assert.equal((await world.get(`${objectsOf(id)}?match[type]=x`)).headers["x-taxii-date-added-last"], undefined);
});

required("§3.6 next is repeatable, needs no filter again, refuses changed ones, and is ours", async () => {
  const id = await world.collection();
  await world.post(
    objectsOf(id),
    Array.from({ length: 10 }, (_, n) => indicator(n)),
  );
  const query = "match[type]=indicator&limit=4";
  const first = await world.get(`${objectsOf(id)}?${query}`);
  assert.deepEqual([first.json.more, ids(first).length], [true, 4]);
  const { next } = first.json;
  const again = [
    await world.get(`${objectsOf(id)}?${query}&next=${next}`),
    await world.get(`${objectsOf(id)}?${query}&next=${next}`),
    await world.get(`${objectsOf(id)}?next=${next}`),
    await world.get(`${objectsOf(id)}?limit=4&next=${next}`),
  ];
  for (const got of again) {
    assert.deepEqual(ids(got), ["00000004", "00000005", "00000006", "00000007"]);
    assert.equal(got.text, again[0]?.text);
  }
  const last = await world.get(`${objectsOf(id)}?next=${again[0]?.json.next}`);
  assert.deepEqual([ids(last), last.json.more, last.json.next], [["00000008", "00000009"], false, undefined]);
  // a limit of one's own binds from there on, and objects that came meanwhile come last
  await world.post(objectsOf(id), [indicator(50)]);
  assert.equal(ids(await world.get(`${objectsOf(id)}?limit=100&next=${next}`)).at(-1), "00000050");
  for (const changed of [
    "match[type]=malware",
    "match[version]=all",
    "match[version]=first",
    `match[id]=${indicator(1)["id"]}`,
  ])
    isError(await world.get(`${objectsOf(id)}?${changed}&next=${next}`), 400, "WGL_TAXII_CHANGED");
  const forged = `${next.slice(0, -1)}${next.endsWith("A") ? "B" : "A"}`; // the last letter may hold bits that say nothing
  isError(await world.get(`${objectsOf(id)}?next=${forged}`), 400, "WGL_TAXII_NEXT");
  isError(await world.get(`${objectsOf(await world.collection())}?next=${next}`), 400, "WGL_TAXII_NEXT");
  isError(await world.get(`${root}collections/${id}/manifest/?next=${next}`), 400, "WGL_TAXII_NEXT");
  // exactly as many as there are is no reason for another page
  const whole = await world.get(`${objectsOf(id)}?limit=11`);
  assert.deepEqual([whole.json.more, whole.json.next], [false, undefined]);
  // added_after beside next binds too
  const date = String(last.headers["x-taxii-date-added-last"]);
  assert.deepEqual(ids(await world.get(`${objectsOf(id)}?next=${next}&added_after=${date}`)), ["00000050"]);
});

required(
  "what an author writes into any text of an object never breaks the store, and comes back as it was",
  async () => {
    const id = await world.collection();
    const texts = [
      `{"type":"x-own","spec_version":"2.1","id":"x-own--00000000-0000-4000-8000-000000000001", "created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","a":"\\u0000 \\ud83d\\ude00 \\\\N \\\\. \\t","n":[1.0,1e2,-0],"extensions":{"x":{"y":[[]]}}}`,
      `{ "id" :"indicator--00000000-0000-4000-8000-000000000002","type":"indicator" ,\n"spec_version":"2.1","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","object_marking_refs":["\\u0000","x"],"__proto__":{"a":1},"name":"漢字"}`,
    ];
    const got = await world.send({ method: "POST", path: objectsOf(id), body: `{"objects":[${texts.join(", ")}]}` });
    assert.deepEqual([got.status, got.json?.failure_count], [202, 0], got.text);
    const out = await world.get(objectsOf(id));
    assert.equal(out.text, `{"more":false,"objects":[${texts.join(",")}]}`);
  },
);

required("§5.7 DELETE takes the last version, or those that match, and only one's own", async () => {
  const id = await world.collection({ tlp: "green" });
  const versions = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "2026-01-03T00:00:00.000Z"];
  const path = `${objectsOf(id)}${indicator(1)["id"]}/`;
  await world.post(
    objectsOf(id),
    versions.map((modified) => indicator(1, { modified })),
  );
  const remove = (query = "", as: "transport" | "parks" | "reader" = "transport"): Promise<Got> =>
    world.send({ method: "DELETE", path: `${path}${query}`, as });
  isError(await remove("", "parks"), 403, "WGL_TAXII_OWN");
  isError(await remove("", "reader"), 403);
  isError(await remove("?match[type]=indicator"), 400);
  assert.equal((await remove()).status, 200);
  assert.deepEqual((await world.get(`${path}versions/`)).json.versions, versions.slice(0, 2));
  assert.equal((await world.get(path)).json.objects[0].modified, versions[1], "the one before is the latest now");
  assert.equal((await remove("?match[version]=first")).status, 200);
  assert.equal((await remove("?match[version]=all")).status, 200);
  isError(await world.get(path), 404);
  isError(await remove(), 404);
  assert.ok((await world.leaves()).some((leaf) => leaf.data["act"] === "deleted"));
});

required("taxii2-client's as_pages, which asks for as many as it last received, gets everything", async () => {
  const id = await world.collection();
  await world.post(
    objectsOf(id),
    Array.from({ length: 23 }, (_, n) => indicator(n)),
  );
  // TAXII client 2.3, v21/__init__.py: limit=per_request, then next and limit=len(objects of the page before)
  const seen: string[] = [];
  let got = await world.get(`${objectsOf(id)}?limit=5&match%5Btype%5D=indicator`);
  seen.push(...ids(got));
  while (got.json.more) {
    got = await world.get(
      `${objectsOf(id)}?match%5Btype%5D=indicator&limit=${ids(got).length}&next=${encodeURIComponent(got.json.next)}`,
    );
    assert.equal(got.headers["content-type"], taxii);
    seen.push(...ids(got));
  }
  assert.deepEqual([seen.length, new Set(seen).size], [23, 23]);
});

required(
  "OpenCTI's connector, which drops added_after and limit once it has next, gets everything new and nothing old",
  async () => {
    const id = await world.collection();
    await world.post(
      objectsOf(id),
      Array.from({ length: 1010 }, (_, n) => indicator(n)),
    );
    const start = await world.get(`${root}collections/${id}/manifest/?limit=5`);
    const after = String(start.headers["x-taxii-date-added-last"]);
    const seen: string[] = [];
    let got = await world.get(`${objectsOf(id)}?added_after=${after}`);
    seen.push(...ids(got));
    assert.equal(seen.length, 1000, "pages are full");
    while (got.json.more) {
      got = await world.get(`${objectsOf(id)}?next=${got.json.next}`);
      seen.push(...ids(got));
    }
    assert.deepEqual([seen.length, seen[0]], [1005, "00000005"]);
  },
);

required("staff makes collections; names and rights are checked and stand in the evidence", async () => {
  const [staff, member] = [await world.viewer("lo"), await world.viewer("chan")];
  const ask = { language: "en", request: "r" } as const;
  const wanted = {
    alias: "gate",
    title: "Gate",
    readers: ["members"],
    writers: [`organisation:${world.organisation("parks")}`],
  };
  assert.equal((await world.acts.makeCollection(member, wanted, ask)).ok, false);
  const made = await world.acts.makeCollection(staff, wanted, ask);
  assert.ok(made.ok);
  assert.deepEqual([made.value.tlp, made.value.purpose], ["amber", "detection"]);
  const twice = await world.acts.makeCollection(staff, wanted, ask);
  assert.equal(twice.ok ? "" : twice.problem.code, "WGL_NAME_TAKEN");
  const nobody = await world.acts.makeCollection(staff, { ...wanted, alias: "b", readers: ["organisation:x"] }, ask);
  assert.equal(nobody.ok ? "" : nobody.problem.code, "WGL_NAME_UNKNOWN");
  const shown = (await world.get(`${root}collections/gate/`, "parks")).json;
  assert.deepEqual([shown.can_read, shown.can_write], [true, true]);
  assert.ok((await world.leaves()).some((leaf) => leaf.subject === "collection gate"));
});

test("TAXII 2.1 over raw HTTP", async (t) => {
  world = await openTaxiiWorld(t);
  for (const [name, proof] of requirements) await t.test(name, proof);
});
