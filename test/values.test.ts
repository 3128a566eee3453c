// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { isIPv6 } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { admit } from "#core/admit.ts";
import { cidrRange, networkOf, parseCidr } from "#core/cidr.ts";
import { domainName, parseDomain } from "#core/domain.ts";
import { endpointParts, parseEndpoint } from "#core/endpoint.ts";
import { bigintIpv6, ipv4Number, ipv4Text, ipv6Bigint, ipv6Bytes, ipv6Text, parseIp } from "#core/ip.ts";
import { observableOf, recognise } from "#core/recognise.ts";
import { refang } from "#core/refang.ts";
import { parseUrl, urlParts } from "#core/url.ts";
import { lenient, strict, type ValuePolicy } from "#core/value-policy.ts";

const shown = (text: string, policy: ValuePolicy = lenient): string => {
  const found = recognise(text, policy);
  if (!found.ok) return found.problem.code;
  const { observable, flags } = found.value;
  return [`${observable.kind} ${observable.value}`, ...flags].join(" !");
};

test("recognise() tells kinds from text and writes the canonical form", () => {
  const table: Readonly<Record<string, string>> = {
    "203.0.113.7": "ipv4 203.0.113.7 !special-range",
    " 45.155.205.6\t": "ipv4 45.155.205.6",
    "45[.]155(.)205{.}7": "ipv4 45.155.205.7",
    "::ffff:5.194.254.163": "ipv4 5.194.254.163",
    "2606:4700:4700:0000:0000:0000:0000:1111": "ipv6 2606:4700:4700::1111",
    "45.13.14.9/24": "cidr 45.13.14.0/24 !host-bits",
    "45.13.15.1/32": "ipv4 45.13.15.1",
    "2A10:1234::/48": "cidr 2a10:1234::/48",
    "::ffff:45.13.14.0/120": "cidr 45.13.14.0/24",
    "45.155.205.5:08080": "endpoint 45.155.205.5:8080",
    "[2a10:1234::5]:443": "endpoint [2a10:1234::5]:443",
    "Bad-Host.example[:]8080": "endpoint bad-host.example:8080",
    "UPPER.Mal-Example.NET.": "domain upper.mal-example.net",
    "*.mal-example.net": "domain mal-example.net",
    "münchen-mal.net": "domain xn--mnchen-mal-9db.net",
    "hxxps[://]mal-example[.]net/a": "url https://mal-example.net/a",
    "HTTP://MAL-Example.net:80/%7Ea/../B": "url http://mal-example.net/B",
    "mal-example.net/gate.php": "url //mal-example.net/gate.php",
    "mal-example.net:8080/x": "url //mal-example.net:8080/x",
    "//mal-example.net": "url //mal-example.net/",
    "http://mal-example.net./x": "url http://mal-example.net/x",
    "http://mal-example.net.:8080/x": "url http://mal-example.net:8080/x",
    "http://u@mal-example.net./x": "url http://u@mal-example.net/x !credentials",
    "http://mal-example.net../x": "WGL_URL",
    "/gate.php?id=": "path /gate.php?id=",
    "/": "WGL_PATH",
    "//": "WGL_URL",
    "http:///x": "WGL_URL",
    "javascript:alert(1)": "WGL_URL_SCHEME",
    "Front.Desk[at]Mal-Example.NET": "email Front.Desk@mal-example.net",
    as64496: "asn AS64496",
    AS0: "WGL_ASN",
    D41D8CD98F00B204E9800998ECF8427E: "md5 d41d8cd98f00b204e9800998ecf8427e !empty-file",
    "github.io": "domain github.io !broad",
    "co.uk": "WGL_DOMAIN_BROAD",
    "45.13.14.0/33": "WGL_CIDR",
    "1.2.3.4:0": "WGL_PORT",
    "161.35.41.9:53:53": "WGL_IP",
    "http://xn--a.net/": "WGL_URL",
    "": "WGL_VALUE_EMPTY",
  };
  for (const [text, expected] of Object.entries(table)) assert.equal(shown(text), expected, text);
});

test("recognise() rejects reserved ranges by name unless they are allowed or our own", () => {
  const refused = recognise("203.0.113.7", strict);
  assert.ok(!refused.ok);
  assert.deepEqual(refused.problem.with, { value: "203.0.113.7", range: "TEST-NET-3 documentation" });
  assert.equal(shown("203.0.113.7", { reserved: "reject", allow: ["203.0.113.0/24"] }), "ipv4 203.0.113.7");
  assert.equal(shown("203.0.113.0/25", { reserved: "reject", allow: ["203.0.113.0/24"] }), "cidr 203.0.113.0/25");
  const own = { cidrs: ["198.51.100.0/24", "2001:db8:100::/48"], domains: ["harbour.example"] };
  const ours: ValuePolicy = { reserved: "reject", allow: [], own };
  assert.equal(shown("198.51.100.7:443", ours), "endpoint 198.51.100.7:443 !own-asset");
  assert.equal(shown("198.51.0.0/16", ours), "cidr 198.51.0.0/16 !broad !own-asset");
  assert.equal(shown("2001:db8:100::5", ours), "ipv6 2001:db8:100::5 !own-asset");
  assert.equal(shown("http://www.harbour.example/x", ours), "url http://www.harbour.example/x !own-asset");
  assert.equal(shown("notharbour.example", ours), "domain notharbour.example");
  assert.equal(shown("http://u:p@10.0.0.1/", strict), "url http://u:p@10.0.0.1/ !special-range !credentials");
});

test("recognise() holds networks to the policy's widest prefix", () => {
  assert.equal(shown("8.0.0.0/8", strict), "WGL_CIDR_BROAD");
  assert.equal(shown("8.0.0.0/8", { ...strict, widest: { v4: 8, v6: 20 } }), "cidr 8.0.0.0/8 !broad");
  assert.equal(shown("45.12.0.0/16", strict), "cidr 45.12.0.0/16 !broad");
  assert.equal(shown("2a10::/31", strict), "WGL_CIDR_BROAD");
});

const ipv4 = fc.nat(0xffffffff).map(ipv4Text);
const ipv6 = fc.bigInt(0n, (1n << 128n) - 1n).map(bigintIpv6);
const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9_-]{0,12}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));
const value = fc.oneof(
  ipv4,
  ipv6,
  domain,
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.tuple(fc.oneof(ipv4, domain), fc.integer({ min: 1, max: 65535 })).map(([host, port]) => `${host}:${port}`),
  fc.tuple(ipv4, fc.nat(32)).map(([address, prefix]) => `${address}/${prefix}`),
  fc.tuple(ipv6, fc.nat(128)).map(([address, prefix]) => `${address}/${prefix}`),
  fc.webPath().map((path) => `/${path}`),
  fc.emailAddress(),
  fc.string({ unit: "binary" }),
  fc.stringMatching(/^[0-9a-f.:/@[\]%*-]{1,24}$/),
  fc.stringMatching(/^(?:https?:|ftp:)?\/\/[\x21-\x7e]{1,30}$/),
);

test("recognise() is a fixed point: a canonical value is its own canonical value", () => {
  let recognised = 0;
  fc.assert(
    fc.property(value, (text) => {
      const once = observableOf(text);
      if (!once.ok) return;
      recognised++;
      const twice = observableOf(once.value.value);
      assert.ok(twice.ok, `${text} → ${once.value.value} → nothing`);
      assert.deepEqual(twice.value, once.value);
      admit(once.value, strict);
    }),
    { numRuns: 20_000 },
  );
  assert.ok(recognised > 5_000, `only ${recognised} values were recognised`);
});

test("refang() undoes what people do to values, and nothing else", () => {
  assert.equal(refang("front.desk[at]harbour(dot)example"), "front.desk@harbour.example");
  assert.equal(refang("/list[0].items"), "/list[0].items");
  fc.assert(fc.property(domain, (name) => refang(`hxxp://${name.replaceAll(".", "[.]")}`) === `http://${name}`));
});

test("IPv4 text and number are each other's inverse, and nothing else is read", () => {
  fc.assert(fc.property(fc.nat(0xffffffff), (number) => ipv4Number(ipv4Text(number)) === number));
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9.]{1,16}$/), (text) => {
      const slow = text.split(".").map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
      const good = slow.length === 4 && slow.every((part) => part <= 255);
      assert.equal(ipv4Number(text) >= 0, good, text);
    }),
  );
  for (const text of ["010.8.8.8", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "1.2.3.", "١.2.3.4"])
    assert.equal(ipv4Number(text), -1, text);
});

test("IPv6 text, bytes and number are each other's inverse (RFC 5952)", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 128n) - 1n), (number) => {
      const text = bigintIpv6(number);
      assert.equal(ipv6Bigint(text), number);
      const bytes = ipv6Bytes(text);
      assert.ok(bytes);
      assert.equal(ipv6Text(bytes), text);
      if (!text.includes(".")) assert.equal(new URL(`http://[${text}]/`).hostname, `[${text}]`); // the platform agrees
    }),
  );
  for (const text of [
    "fe80::1%eth0",
    ":::",
    "1::2::3",
    "12345::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    ":1:2:3:4:5:6:7",
    "::1.2.3.4.5",
  ])
    assert.equal(ipv6Bigint(text), undefined, text);
  // an address is what the platform calls one, but for zones and an IPv4 part with leading zeros
  const nearly = fc.string({ unit: fc.constantFrom(..."0012fFg:::::..%1279"), maxLength: 24 });
  const cut = fc
    .tuple(ipv6, fc.nat(40), fc.constantFrom("", ":", "::", "1.2.3.4", ":1.2.3.4", "0"))
    .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at));
  fc.assert(
    fc.property(fc.oneof(nearly, cut), (text) => {
      assert.equal(ipv6Bytes(text) !== undefined, isIPv6(text) && !text.includes("%"), text);
    }),
    { numRuns: 5000 },
  );
  assert.deepEqual(parseIp("2001:0DB8:0:0:1:0:0:1"), { ok: true, value: { kind: "ipv6", value: "2001:db8::1:0:0:1" } });
});

test("cidrRange() holds every address of the network and no other", () => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(32), (number, prefix) => {
      const range = cidrRange(`${ipv4Text(number)}/${prefix}`);
      assert.ok(range.ok && range.value.family === 4);
      assert.ok(range.value.first <= number && number <= range.value.last);
      assert.equal(range.value.last - range.value.first + 1, 2 ** (32 - prefix));
      assert.equal(range.value.first % 2 ** (32 - prefix), 0);
      assert.deepEqual(parseCidr(networkOf(range.value).value), { ok: true, value: networkOf(range.value) });
    }),
  );
});

test("domainName() agrees with the slow obvious reading", () => {
  const slow = (text: string): string | undefined => {
    const labels = text.toLowerCase().replace(/\.$/, "").split(".");
    const good =
      labels.length > 1 &&
      labels.join(".").length <= 253 &&
      labels.every((part) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(part) && !part.startsWith("xn--"));
    const last = labels.at(-1) ?? "";
    return good && /[a-z]/.test(last) && !/^0x[0-9a-f]*$/.test(last) ? labels.join(".") : undefined;
  };
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9_.-]{1,40}$/), (text) => {
      if (!/xn--/i.test(text)) assert.equal(domainName(text), slow(text), text);
    }),
    { numRuns: 5_000 },
  );
  assert.equal(parseDomain("xn--a.net").ok, false);
});

test("urlParts() and endpointParts() read back what the parsers wrote", () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true }), (text) => {
      const parsed = parseUrl(text);
      if (!parsed.ok) return;
      const url = new URL(parsed.value.value);
      const parts = urlParts(parsed.value.value);
      assert.equal(parts.host, url.hostname);
      assert.equal(parts.port ?? "", url.port === "" ? "" : Number(url.port));
    }),
  );
  assert.deepEqual(urlParts("http://u:p@[2001:db8::1]:81/x@y?z"), {
    host: "2001:db8::1",
    port: 81,
    credentials: true,
    path: "/x@y?z",
  });
  const endpoint = parseEndpoint("[2001:DB8::7]:443");
  assert.ok(endpoint.ok);
  assert.deepEqual(endpointParts(endpoint.value.value), { host: "2001:db8::7", port: 443 });
});
