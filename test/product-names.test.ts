import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareAttribute, compareCpe } from "#intel/products/cpe-match.ts";
import { type CpeName, parseCpe, printCpe, printCpeUri } from "#intel/products/cpe-name.ts";
import { productKey, sameVendor, vendorKey } from "#intel/products/product-name.ts";
import { parsePurl, printPurl, purlKey } from "#intel/products/purl.ts";

const cpe = (text: string): CpeName => {
  const read = parseCpe(text);
  assert.ok(read.ok, text);
  return read.value;
};

test("parseCpe() takes formatted strings and URIs for the same name", () => {
  // NIST IR 7695 §6.1.2.4, §6.2.2.4: the examples of both bindings
  for (const [formatted, uri] of [
    [
      "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
      "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
    ],
    ["cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*", "cpe:/a:microsoft:internet_explorer:8.%02:sp%01"],
    [
      "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*",
      "cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~",
    ],
    [
      "cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*",
      "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~",
    ],
    [
      "cpe:2.3:a:foo\\\\bar:big\\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*",
      "cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~",
    ],
  ] as const) {
    assert.equal(printCpe(cpe(formatted)), formatted);
    assert.equal(printCpeUri(cpe(formatted)), uri);
    assert.equal(printCpe(cpe(uri)), formatted);
  }
});

test("parseCpe() refuses what is no name", () => {
  for (const text of [
    ...[
      "",
      "cpe:2.3:a:b",
      "cpe:2.3:x:v:p:1:*:*:*:*:*:*:*",
      "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*:*",
      "cpe:/x:v",
      "cpe:/a:v%zz",
    ],
    ...[
      "cpe:2.3:a:v:p:1*2:*:*:*:*:*:*:*",
      "cpe:2.3:a:v:p::*:*:*:*:*:*:*",
      `cpe:2.3:a:${"v".repeat(1000)}:p:*:*:*:*:*:*:*:*`,
    ],
  ]) {
    const read = parseCpe(text);
    assert.ok(!read.ok && read.problem.code === "WGL_PRODUCT_CPE", text);
  }
});

const value = fc.oneof(
  fc.constantFrom("*", "-"),
  fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,6}$/),
  fc.stringMatching(/^[a-z0-9]{1,3}\\[:!+$/][a-z0-9]{0,3}$/),
);
const name = fc
  .tuple(fc.constantFrom("a", "o", "h"), fc.array(value, { minLength: 10, maxLength: 10 }))
  .map(([part, rest]) => `cpe:2.3:${part}:${rest.join(":")}`);

test("parse and print are inverse for both bindings, and matching has its laws", () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      assert.equal(printCpe(cpe(a)), a);
      assert.equal(printCpe(cpe(printCpeUri(cpe(a)))), a);
      const [x, y] = [cpe(a), cpe(b)];
      assert.equal(compareCpe(x, x), "equal");
      const mirror = {
        superset: "subset",
        subset: "superset",
        equal: "equal",
        disjoint: "disjoint",
        undefined: "undefined",
      };
      assert.equal(compareCpe(y, x), mirror[compareCpe(x, y)]);
    }),
  );
});

test("compareAttribute() is Table 6-2 of NIST IR 7696", () => {
  for (const [source, target, relation] of [
    ["*", "*", "equal"],
    ["*", "-", "superset"],
    ["*", "i", "superset"],
    ["*", "m*", "undefined"],
    ["-", "*", "subset"],
    ["-", "-", "equal"],
    ["-", "i", "disjoint"],
    ["-", "m*", "undefined"],
    ["i", "i", "equal"],
    ["i", "k", "disjoint"],
    ["i", "m*", "undefined"],
    ["i", "-", "disjoint"],
    ["i", "*", "subset"],
    ["m*", "m?", "undefined"],
    ["m*", "*", "subset"],
    ["m*", "-", "disjoint"],
    ["m*", "manager", "superset"],
    ["m*", "i", "disjoint"],
    ["8.?", "8.1", "superset"],
    ["8.?", "8.", "superset"],
    ["8.?", "8.10", "disjoint"],
    ["*er", "manager", "superset"],
  ] as const)
    assert.equal(compareAttribute(source, target), relation, `${source} and ${target}`);
  // NIST IR 7696 §6.2: a name without a version holds every version
  assert.equal(
    compareCpe(cpe("cpe:2.3:a:adobe:reader:*:*:*:*:*:*:*:*"), cpe("cpe:2.3:a:adobe:reader:9.3.2:-:*:*:*:*:*:*")),
    "superset",
  );
});

test("parsePurl() normalises by type and prints canonically", () => {
  // purl-spec: examples of its README and of its types
  for (const [text, canonical, key] of [
    ["pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1", "npm/@angular/animation"],
    ["pkg:npm/@angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1", "npm/@angular/animation"],
    ["pkg:PYPI/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1", "pypi//django-package"],
    [
      "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
      "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
      "deb/debian/curl",
    ],
    [
      "pkg:maven/org.apache.commons/io@1.3.4?repository_url=repo.example%2Frelease&classifier=",
      "pkg:maven/org.apache.commons/io@1.3.4?repository_url=repo.example%2Frelease",
      "maven/org.apache.commons/io",
    ],
    [
      "pkg://golang/google.golang.org/genproto@abcdedf#/googleapis/./api//annotations/",
      "pkg:golang/google.golang.org/genproto@abcdedf#googleapis/api/annotations",
      "golang/google.golang.org/genproto",
    ],
    [
      "pkg:nuget/EnterpriseLibrary.Common@6.0.1304",
      "pkg:nuget/EnterpriseLibrary.Common@6.0.1304",
      "nuget//enterpriselibrary.common",
    ],
    ["pkg:gem/jruby-launcher@1.1.2?platform=java", "pkg:gem/jruby-launcher@1.1.2?platform=java", "gem//jruby-launcher"],
    ["pkg:deb/debian/attr@1%3A2.4.47-2", "pkg:deb/debian/attr@1:2.4.47-2", "deb/debian/attr"],
    [
      "pkg:rpm/Fedora/curl@7.50.3-1.fc25?distro=fedora-25",
      "pkg:rpm/fedora/curl@7.50.3-1.fc25?distro=fedora-25",
      "rpm/fedora/curl",
    ],
    ["pkg:cargo/rand@0.7.2", "pkg:cargo/rand@0.7.2", "cargo//rand"],
    ["pkg:generic/openssl@1.1.10g", "pkg:generic/openssl@1.1.10g", "generic//openssl"],
  ] as const) {
    const read = parsePurl(text);
    assert.ok(read.ok, text);
    assert.equal(printPurl(read.value), canonical);
    assert.equal(purlKey(read.value), key);
    assert.deepEqual(parsePurl(canonical), read);
  }
  for (const text of [
    "",
    "npm/foo",
    "pkg:npm",
    "pkg:npm/",
    "pkg:n&m/foo",
    "pkg:npm/%zz",
    "pkg:npm/foo?a=1&a=2",
    "pkg:npm/foo?1=2",
  ])
    assert.ok(!parsePurl(text).ok, text);
});

test("any purl that is read prints to one that is read the same", () => {
  const part = fc
    .string({ minLength: 1, maxLength: 8, unit: "grapheme" })
    .filter((text) => /[^.]/.test(text) && !text.includes("/") && text.isWellFormed());
  fc.assert(
    fc.property(
      fc.constantFrom("npm", "pypi", "generic", "maven", "deb", "rpm"),
      ...([part, part, part, part] as const),
      (type, namespace, title, version, qualifier) => {
        const text = `pkg:${type}/${[namespace, title].map(encodeURIComponent).join("/")}@${encodeURIComponent(version)}?arch=${encodeURIComponent(qualifier)}`;
        const read = parsePurl(text);
        assert.ok(read.ok, text);
        assert.deepEqual(parsePurl(printPurl(read.value)), read);
      },
    ),
  );
});

test("names of products and makers are compared as people write them", () => {
  assert.equal(productKey("HTTP_Server"), productKey("http server"));
  assert.equal(vendorKey("Example Networks, Inc."), "example networks");
  assert.equal(vendorKey("The Example Software Foundation"), "the example");
  assert.ok(sameVendor(vendorKey("Palo Alto Networks"), vendorKey("palo alto")));
  assert.ok(sameVendor(vendorKey("paloalto"), vendorKey("Palo Alto")));
  assert.ok(!sameVendor(vendorKey("Harbour"), vendorKey("Harbourside")));
  assert.ok(!sameVendor("", "harbour"));
});
