import assert from "node:assert/strict";
import { test } from "node:test";
import { familyOf, problemOf } from "#detect/meaning.ts";
import { claim } from "./incident-world.ts";

const listed = (labels: readonly string[], some: Parameters<typeof claim>[1] = {}) =>
  claim("bad.example", { labels, ...some });

test("a family is none of the words for kinds of thing", () => {
  assert.equal(familyOf(["malware-distribution", "win.Qakbot"]), "qakbot");
  assert.equal(familyOf(["c2-server", "phishing", "botnet"]), "");
});

test("a row that says its own type is believed before its list, in what it means for who met it", () => {
  const mixed = [listed(["qakbot", "c2-server"])];
  assert.deepEqual(
    problemOf(mixed, () => "blacklist", "listed"),
    { type: "c2-server", about: "qakbot" },
  );
  assert.deepEqual(
    problemOf(mixed, () => "blacklist", "contacted"),
    { type: "infected-system", about: "qakbot" },
  );
  // a scanner says nothing about the host that answered it
  assert.equal(problemOf([listed(["scanner"])], () => "infected-system", "contacted")?.type, "infected-system");
  assert.equal(problemOf([listed(["scanner"])], () => "blacklist", "listed")?.type, "scanner");
  assert.equal(problemOf([listed(["other"])], () => "blacklist", "listed")?.type, "blacklist");
});

test("the best source that may speak decides; nobody who may not", () => {
  const better = listed(["emotet", "c2-server"], { feed: "a", grade: { source: "A", statement: 1 } });
  assert.equal(problemOf([listed(["qakbot"]), better], () => "blacklist", "listed")?.about, "emotet");
  assert.equal(
    problemOf([listed(["qakbot"], { voice: "context" })], () => "blacklist", "listed"),
    undefined,
  );
});
