import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupsOfOrganisation } from "#community/group.ts";
import { memberTerms, type Purpose, purposes } from "#community/agreement.ts";
import type { GroupId } from "#core/marking.ts";
import { mispIds } from "#share/misp-ids.ts";
import { mispRemarkKinds, type MispReach } from "#jobs/misp/port.ts";
import {
  attributeOut,
  eventOut,
  type MispReader,
  objectOut,
  partyReader,
  remarkOut,
  staffReader,
} from "#jobs/misp/read.ts";
import { type Caller, type Got, type Misp, openMisp, uuid } from "./misp-world.ts";

// The law: what SQL lets a reader reach is what release lets it have, row by row; and every answer, in every format, is
// made of exactly that.

const group = uuid(99);

/** An event with anything that bears on who may have it. */
const anyEvent = (n: number): fc.Arbitrary<Readonly<Record<string, unknown>>> => {
  const level = fc.constantFrom("0", "1", "2", "3", "4", "5", "7");
  const sharing = fc.constantFrom({ SharingGroup: { uuid: group } }, { sharing_group_id: "12345" }, {});
  const tags = fc.subarray(
    ["tlp:red", "tlp:amber+strict", "tlp:amber", "tlp:green", "tlp:clear", "PAP:RED", "PAP:GREEN", "x"],
    { maxLength: 2 },
  );
  const held = fc.record({ distribution: level, sharing, tags }).map(({ distribution, sharing: of, tags: names }) => ({
    distribution,
    ...(distribution === "4" ? of : {}),
    Tag: names.map((name) => ({ name })),
  }));
  const attribute = (at: number) =>
    fc
      .tuple(
        held,
        fc.constantFrom(
          ["ip-dst", `198.51.100.${at}`],
          ["domain", `d${n}-${at}.example`],
          ["target-email", `p${n}-${at}@transport.example`],
          ["md5", String(n % 10).repeat(31) + at],
        ),
      )
      .map(([of, [type, value]]) => ({
        ...of,
        ...{ type, value, to_ids: true, uuid: uuid(n * 1000 + at) },
      }));
  const note = held.map((of) => ({ ...of, Tag: undefined, note: "n" }));
  return fc
    .record({
      head: held,
      first: attribute(1),
      second: attribute(2),
      inside: attribute(3),
      object: held,
      report: held,
      note,
    })
    .map(({ head, first, second, inside, object, report, note: said }) => ({
      ...head,
      ...{ uuid: uuid(n), info: `Event ${n}`, published: true },
      EventReport: [{ ...report, Tag: undefined, uuid: uuid(n * 1000 + 5), name: "r", content: "c" }],
      Attribute: [{ ...first, Note: [{ ...said, uuid: uuid(n * 1000 + 6) }] }, second],
      Object: [
        {
          ...object,
          Tag: undefined,
          name: "file",
          "meta-category": "file",
          uuid: uuid(n * 1000 + 4),
          Attribute: [{ ...inside, object_relation: "x" }],
        },
      ],
    }));
};

const parties = ["transport", "parks", "oversea", "cert"] as const;

/** Readers as the acts make them, for every party and purpose, and staff. */
const readersOf = ({ world }: Misp): readonly (readonly [string, MispReader])[] => {
  const { directory } = world.desk.directory.known;
  const now = world.desk.now();
  const ids = mispIds("law");
  const groups = directory.groups.map(({ id }) => id);
  const all = { all: true, groups, own: [], clientsOf: [], audience: "staff", red: true } as const;
  return purposes.flatMap((purpose: Purpose) => [
    ["staff", staffReader(all, undefined, ids, now, purpose)] as const,
    ...parties.map((key) => {
      const party = directory.organisations.find(({ id }) => id === world.organisation(key));
      assert.ok(party);
      const agreement =
        directory.agreements.find((one) => one.party === party.id) ??
        (party.kind === "member" ? memberTerms(party.id, party.since) : undefined);
      const recipient = {
        kind: party.kind === "partner" ? ("partner" as const) : ("organisation" as const),
        ...{ party: party.id, clientOf: party.clientOf, groups: groupsOfOrganisation(directory.groups, party.id) },
        ...(agreement === undefined ? {} : { agreement }),
      };
      return [`${key} for ${purpose}`, partyReader(recipient, key === "cert", ids, now, purpose)] as const;
    }),
  ]);
};

const lawful = async ({ world }: Misp): Promise<number> => {
  const { state, directory } = world.desk;
  const groups = directory.known.directory.groups.map(({ id }) => id);
  const whole: MispReach = { scope: { all: true, groups, own: [], clientsOf: [], audience: "staff", red: true } };
  let released = 0;
  await state.act(async (tx) => {
    const page = { order: [], limit: 100_000, offset: 0 };
    const filter = { deleted: "both" } as const;
    const events = new Map((await tx.misp.events(filter, whole, page)).map((row) => [row.n, row]));
    const ns = [...events.keys()];
    const attributes = await tx.misp.attributesOf(ns, whole, "both", false);
    const objects = await tx.misp.objectsOf(ns, whole, "both");
    // A reach that is whole sees every remark, also where proposals are the owner's alone
    const remarks = await tx.misp.remarks(mispRemarkKinds, ns, whole, "both", 100_000);
    for (const [name, reader] of readersOf({ world } as Misp)) {
      const { reach } = reader;
      const eventOf = (row: { readonly event: number }) => {
        const event = events.get(row.event);
        return event !== undefined && eventOut(event, 0, reader) !== undefined ? event : undefined;
      };
      const uuids = (rows: readonly { readonly uuid: string; readonly n: number }[]) =>
        rows.map((row) => `${row.uuid} ${row.n}`).toSorted();
      assert.deepEqual(
        uuids(await tx.misp.events(filter, reach, page)),
        uuids([...events.values()].filter((row) => eventOut(row, 0, reader) !== undefined)),
        `events, ${name}`,
      );
      const may = attributes.filter((row) => {
        const event = eventOf(row);
        return event !== undefined && attributeOut(row, event, reader) !== undefined;
      });
      released += may.length;
      assert.deepEqual(
        uuids((await tx.misp.attributes(filter, reach, page)).map(({ attribute }) => attribute)),
        uuids(may),
        `attributes, ${name}`,
      );
      assert.equal(await tx.misp.countAttributes(filter, reach), may.length, name);
      assert.deepEqual(
        uuids(await tx.misp.objects(filter, reach, page)),
        uuids(
          objects.filter((row) => {
            const event = eventOf(row);
            return event !== undefined && objectOut(row, event, reader) !== undefined;
          }),
        ),
        `objects, ${name}`,
      );
      assert.deepEqual(
        uuids(await tx.misp.remarks(mispRemarkKinds, undefined, reach, "both", 100_000)),
        uuids(
          remarks.filter((row) => {
            const event = eventOf(row);
            return event !== undefined && remarkOut(row, event, reader) !== undefined;
          }),
        ),
        `remarks, ${name}`,
      );
    }
  });
  return released;
};

/** The values an answer holds, whatever its format. */
const valuesIn = (text: string, known: readonly string[]): readonly string[] =>
  known.filter((value) => text.toLowerCase().includes(value.toLowerCase()) || text.includes(hosted(value))).toSorted();
/** As a Suricata rule writes a name it looks for in DNS. */
const hosted = (value: string): string =>
  value
    .split(".")
    .map((label) => `|${label.length.toString(16).padStart(2, "0")}|${label}`)
    .join("");

const everywhere = ["json", "csv", "text", "cache", "openioc", "stix2"] as const;
const signatures = ["suricata", "snort", "zeek", "hosts", "rpz", "netfilter", "hashes"] as const;

const formatsAgree = async (misp: Misp, as: Caller): Promise<void> => {
  const json: Got = await misp.post("attributes/restSearch", { returnFormat: "json" }, as);
  const rows = json.json.response.Attribute as readonly { readonly value: string; readonly event_id: string }[];
  assert.equal(Number(json.headers["x-result-count"]), rows.length);
  assert.equal((await misp.post("attributes/restSearch", { returnFormat: "count" }, as)).text, String(rows.length));
  const all = (await misp.world.sql`select distinct value from misp_attribute`).map((row) => String(row["value"]));
  const may = [...new Set(rows.map(({ value }) => value))].toSorted();
  for (const format of everywhere) {
    const got = await misp.post("attributes/restSearch", { returnFormat: format }, as);
    assert.equal(got.status, 200, `${format}: ${got.text.slice(0, 200)}`);
    // A cache is of hashes, one of each value of an event, and an indicator of OpenIOC is not made of every type
    if (format === "cache") {
      const told = new Set(rows.map((row) => `${row.event_id} ${row.value}`));
      assert.equal(got.text.trim() === "" ? 0 : got.text.trim().split("\n").length, told.size, format);
      continue;
    }
    const wanted = format === "openioc" ? may.filter((value) => !value.includes("@")) : may;
    const found = valuesIn(got.text, all);
    assert.deepEqual(
      format === "openioc" ? found.filter((value) => !value.includes("@")) : found,
      wanted,
      `${format}, ${as}`,
    );
  }
  for (const format of signatures) {
    const got = await misp.post("attributes/restSearch", { returnFormat: format }, as);
    assert.equal(got.status, 200, format);
    for (const value of valuesIn(got.text, all)) assert.ok(may.includes(value), `${format} tells ${value} to ${as}`);
  }
};

test("what SQL reaches is what release permits, for every party and purpose; every format is made of that", async (t) => {
  const misp = await openMisp(t, { tlpMax: "green", purposes: ["detection", "blocking"] });
  const { directory } = misp.world.desk.directory.known;
  (directory.groups as unknown[]).push({
    ...{ id: group as GroupId, key: "harbour", title: "Harbour masters", private: false, staff: [] },
    members: ["transport", "parks", "oversea"].map((key) => misp.world.organisation(key)),
  });
  // One member still is in shadow: what it brings is staff's alone
  let n = 0;
  let released = 0;
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 2 ** 31 })), async (seeds) => {
      await misp.world.sql`delete from misp_event`;
      for (const as of ["transport", "parks", "oversea", "cert", "staff", "transport"] as const) {
        const [document] = fc.sample(anyEvent(++n), { seed: seeds.next().value as number, numRuns: 1 });
        const got = await misp.post("events/add", document, as);
        assert.equal(got.status, 200, got.text);
        const other = as === "parks" ? "transport" : "parks";
        // A proposal and a note by somebody else, where it sees the event
        await misp.post(`shadowAttributes/add/${uuid(n)}`, { type: "domain", value: "proposed.example" }, other);
        await misp.post(`analystData/add/Note/${uuid(n)}/Event`, { note: "m", distribution: "1" }, other);
      }
      await misp.world.sql`update misp_attribute set shadow = 'test' where n % 7 = 0`;
      released += await lawful(misp);
    }),
    { numRuns: 12 },
  );
  assert.ok(released > 500, `${released} released`);
  for (const as of ["transport", "oversea", "cert"] as const) await formatsAgree(misp, as);
});
