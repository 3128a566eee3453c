import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readInventory } from "#intel/inventory/read-inventory.ts";
import { printCpe } from "#intel/products/cpe-name.ts";
import { printPurl } from "#intel/products/purl.ts";
import { csv, openInventoryWorld, runs } from "./inventory-world.ts";

const codeOf = (body: string | Uint8Array): string => {
  const read = readInventory(typeof body === "string" ? Buffer.from(body) : body);
  return read.ok ? `${read.value.format} ${read.value.items.length}` : read.problem.code;
};

const bom = (components: string): string =>
  `<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><component type="application"><name>ticketing</name>
   <properties><property name="waglan:exposed">yes</property><property name="waglan:worth">critical</property></properties></component></metadata>
   <components>${components}</components></bom>`;

test("CycloneDX as XML says the same as its JSON, what is inside other components too", () => {
  const read = readInventory(
    Buffer.from(
      bom(
        `<component type="library"><publisher>Example</publisher><name>tidelib</name><version>1.4</version><purl>pkg:pypi/tidelib@1.4</purl>
         <components><component type="library"><name>inner</name><cpe>cpe:2.3:a:example:inner:2:*:*:*:*:*:*:*</cpe></component></components></component>`,
      ),
    ),
  );
  const json = readInventory(
    Buffer.from(
      JSON.stringify({
        ...{ bomFormat: "CycloneDX", specVersion: "1.6" },
        metadata: {
          component: {
            name: "ticketing",
            properties: [
              { name: "waglan:exposed", value: "yes" },
              { name: "waglan:worth", value: "critical" },
            ],
          },
        },
        components: [
          {
            ...{ publisher: "Example", name: "tidelib", version: "1.4", purl: "pkg:pypi/tidelib@1.4" },
            components: [{ name: "inner", cpe: "cpe:2.3:a:example:inner:2:*:*:*:*:*:*:*" }],
          },
        ],
      }),
    ),
  );
  assert.ok(read.ok && json.ok);
  assert.deepEqual(read.value, json.value);
  assert.deepEqual(
    read.value.items.map(({ name, asset, exposed, worth }) => [name, asset, exposed, worth]),
    ["ticketing", "tidelib", "inner"].map((name) => [name, "ticketing", true, "critical"]),
  );
});

test("lists of CPE names and package URLs are taken line by line, and each bad one is told with its line", () => {
  const read = readInventory(
    Buffer.from(
      "# what we run\r\ncpe:2.3:a:example:gateway:4.1:*:*:*:*:*:*:*\r\n\r\npkg:npm/%40harbour/pier@2.0\r\ncpe:nonsense\r\npkg:\r\n",
    ),
  );
  assert.ok(read.ok);
  assert.deepEqual(
    read.value.items.map(({ cpes, purl, at }) => [...cpes.map(printCpe), ...(purl ? [printPurl(purl)] : []), at]),
    [
      ["cpe:2.3:a:example:gateway:4.1:*:*:*:*:*:*:*", "row 2"],
      ["pkg:npm/%40harbour/pier@2.0", "row 4"],
    ],
  );
  assert.deepEqual(
    read.value.problems.map(({ code, at }) => `${code} ${at}`),
    ["WGL_PRODUCT_CPE row 5", "WGL_INVENTORY_ITEM row 5", "WGL_PRODUCT_PURL row 6", "WGL_INVENTORY_ITEM row 6"],
  );
  assert.equal(read.value.rejected, 2);
});

test("what is hostile is refused with its reason, and nothing is expanded, fetched or read to its end", () => {
  const deep = `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"name":"a","components":'.repeat(5000)}[]${"}]".repeat(5000)}}`;
  assert.match(codeOf(deep), /^WGL_BODY_|^WGL_JSON/);
  assert.equal(
    codeOf(bom(`${"<component><name>a</name><components>".repeat(200)}${"</components></component>".repeat(200)}`)),
    "WGL_XML",
  );
  const bomb = `<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><bom xmlns="http://cyclonedx.org/schema/bom/1.6">&b;</bom>`;
  assert.equal(codeOf(bomb), "WGL_XML_DOCTYPE");
  assert.equal(codeOf('<!DOCTYPE bom SYSTEM "file:///etc/passwd"><bom/>'), "WGL_XML_DOCTYPE");
  assert.equal(codeOf("<html><body>no</body></html>"), "WGL_INVENTORY_SHAPE");
  assert.equal(codeOf('{"bomFormat":"CycloneDX","specVersion":"9.9"}'), "WGL_INVENTORY_VERSION");
  assert.equal(codeOf("name\n" + "x\n".repeat(1_000_000)), "WGL_INVENTORY_LARGE");
  assert.match(codeOf(Buffer.concat([Buffer.from("<bom>"), Buffer.from([0xff, 0xfe, 0x80])])), /^WGL_XML/);
  // UTF-16, as tools of Windows write it
  assert.equal(
    codeOf(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv(runs("gateway", "1", "a")), "utf16le")])),
    "table 1",
  );
  assert.equal(codeOf(""), "WGL_INVENTORY_SHAPE");
});

test("an inventory of which nothing can be read takes nothing away; repeated rows are one component and counted", async (t) => {
  const world = await openInventoryWorld(t);
  const row = runs("gateway", "4.1", "web-01");
  const first = await world.put("harbour", "servers", csv(row, row, row));
  assert.ok(first.ok);
  assert.deepEqual([first.value.items, first.value.repeated], [1, 2]);
  for (const body of ["name,cpe\n,nonsense\n", "not an inventory", csv(), "{"]) {
    const again = await world.put("harbour", "servers", body);
    if (body === csv()) assert.ok(again.ok, "an empty table is an answer: nothing runs any more");
    else assert.ok(!again.ok, body);
    if (body === csv()) break;
    const [left] = await world.sql`select count(*)::int as n from component where valid_to is null`;
    assert.equal(left?.["n"], 1);
  }
  const bad = await world.put("harbour", "..", csv(row));
  assert.ok(!bad.ok && bad.problem.code === "WGL_INVENTORY_NAME");
  // packed, too; and what only looks packed is told
  const packed = await world.put("harbour", "packed", gzipSync(csv(row)));
  assert.ok(packed.ok && packed.value.items === 1);
  const [leaves] = await world.sql`select count(*)::int as n from evidence_leaf where subject like 'inventory %'`;
  assert.equal(leaves?.["n"], 3);
});
