import assert from "node:assert/strict";
import { test } from "node:test";
import { audienceOf } from "#alerts/audience.ts";
import { shouldSpeak, type LastAlert } from "#alerts/should-speak.ts";
import type { Person, PersonId } from "#community/person.ts";
import type { Role } from "#community/roles.ts";
import { after, instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { findingStates } from "#incidents/state.ts";

const parks = "o-parks" as OrganisationId;
const other = "o-other" as OrganisationId;
const organisation = { id: parks, languages: ["zh-Hant-HK", "en"] } as const;
const person = (name: string, role: Role, more: Partial<Person> = {}): Person => ({
  id: name as PersonId,
  key: name,
  name,
  organisations: [{ organisation: parks, role }],
  channels: [{ kind: "email", address: `${name}@parks.example`, proven: false }],
  ...more,
});
const names = (...args: Parameters<typeof audienceOf>): readonly string[] =>
  audienceOf(...args).recipients.map(({ person: { name } }) => name);

test("audienceOf() tells security contacts first, then duty officers, and managers from high on", () => {
  const people = [
    person("mia", "manager"),
    person("dan", "duty-officer"),
    person("sue", "security-contact"),
    person("vic", "viewer"),
    person("sam", "security-contact"),
  ];
  assert.deepEqual(names(organisation, people, "medium"), ["sue", "sam", "dan"]);
  assert.deepEqual(names(organisation, people, "high"), ["sue", "sam", "dan", "mia"]);
});

test("audienceOf() tells only people of this organisation, each once", () => {
  const both = person("bea", "duty-officer", {
    organisations: [
      { organisation: parks, role: "duty-officer" },
      { organisation: parks, role: "security-contact" },
    ],
  });
  const stranger = person("ned", "security-contact", {
    organisations: [{ organisation: other, role: "security-contact" }],
  });
  const { recipients } = audienceOf(organisation, [stranger, both], "critical");
  assert.deepEqual(
    recipients.map((one) => [one.person.name, one.role]),
    [["bea", "security-contact"]],
  );
});

test("audienceOf() lets the manager stand in where nobody else is named", () => {
  assert.deepEqual(names(organisation, [person("mia", "manager")], "low"), ["mia"]);
});

test("audienceOf() says when nobody can be reached", () => {
  const mute = person("sue", "security-contact", {
    channels: [{ kind: "phone", number: "+85225550142", proven: true }],
  });
  const nobody = audienceOf(organisation, [mute], "high");
  assert.deepEqual([nobody.undeliverable, nobody.recipients.length, nobody.unreachable[0]?.name], [true, 0, "sue"]);
  assert.equal(audienceOf(organisation, [], "high").undeliverable, true);
  const some = audienceOf(organisation, [mute, person("dan", "duty-officer")], "high");
  assert.deepEqual([some.undeliverable, some.unreachable.length], [false, 1]);
});

test("audienceOf() takes a proven mailbox before a declared one, and the person's language first", () => {
  const sue = person("sue", "security-contact", {
    language: "en",
    channels: [
      { kind: "phone", number: "+85225550142", proven: true },
      { kind: "email", address: "said@parks.example", proven: false },
      { kind: "email", address: "proven@parks.example", proven: true },
    ],
  });
  const [first] = audienceOf(organisation, [sue], "low").recipients;
  assert.equal(first?.address, "proven@parks.example");
  assert.deepEqual(first?.languages, ["en", "zh-Hant-HK"]);
  assert.deepEqual(audienceOf(organisation, [person("dan", "duty-officer")], "low").recipients[0]?.languages, [
    "zh-Hant-HK",
    "en",
  ]);
});

const now = instant(1_795_077_720_000);
const told: LastAlert = { version: 3, severity: "high", at: after(now, -1000) };
const finding = { state: "notified", severity: "high", opened: after(now, -5000) } as const;

test("shouldSpeak() writes once, and no more for being seen again", () => {
  assert.deepEqual(shouldSpeak(undefined, { ...finding, state: "new" }, now), { speak: true, version: 1 });
  assert.deepEqual(shouldSpeak(told, finding, now), { speak: false, because: "told" });
  assert.deepEqual(shouldSpeak(told, { ...finding, severity: "low" }, now), { speak: false, because: "told" });
});

test("shouldSpeak() writes again when it is worse or back, even while snoozed", () => {
  const snoozed = { snoozedUntil: after(now, 1) };
  assert.deepEqual(shouldSpeak(told, { ...finding, ...snoozed, severity: "critical" }, now), {
    speak: true,
    version: 4,
    reason: "worse",
  });
  const back = { ...finding, ...snoozed, state: "reopened", opened: now } as const;
  assert.deepEqual(shouldSpeak(told, back, now), { speak: true, version: 4, reason: "reopened" });
  // and of that return we speak once
  assert.deepEqual(shouldSpeak({ ...told, at: now }, back, after(now, 1)), { speak: false, because: "told" });
});

test("shouldSpeak() keeps silent in shadow, while snoozed, and about what is over or put aside", () => {
  assert.deepEqual(shouldSpeak(undefined, { ...finding, shadow: "new-feed" }, now), {
    speak: false,
    because: "shadow",
  });
  assert.deepEqual(shouldSpeak(undefined, { ...finding, snoozedUntil: after(now, 1) }, now), {
    speak: false,
    because: "snoozed",
  });
  assert.deepEqual(shouldSpeak(undefined, { ...finding, snoozedUntil: now }, now), { speak: true, version: 1 });
  const silent = findingStates.filter((state) => !shouldSpeak(undefined, { ...finding, state }, now).speak);
  assert.deepEqual([...silent].sort(), [
    "false",
    "gone",
    "merged",
    "not-ours",
    "risk-accepted",
    "suppressed",
    "withdrawn",
  ]);
});
