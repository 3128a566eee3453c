import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { TestContext } from "node:test";
import { after, day, type Instant } from "#core/instant.ts";
import type { Licence, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Listing } from "#jobs/listing.ts";
import { type Holding, type ListShelf, listShelf, readList, sendList, type SentList } from "#jobs/lists/release.ts";
import type { FormatId } from "#share/formats/list-formats.ts";
import type { ListWords } from "#share/list-query.ts";
import { type ActsWorld, openActsWorld } from "./acts-world.ts";

export interface Listed extends Observable {
  readonly feed?: string;
  readonly tlp?: Tlp;
  readonly pap?: Pap;
  readonly licence?: Licence;
  readonly labels?: readonly string[];
  readonly grade?: ClaimRow["grade"];
  readonly until?: Instant;
  readonly shadow?: boolean;
}

/** The harbour with feeds that list things, and lists as its parties get them. */
export interface OutWorld extends ActsWorld {
  readonly listing: Listing;
  readonly shelf: ListShelf;
  readonly list: (...values: readonly Listed[]) => Promise<void>;
  readonly idOfValue: (value: Observable) => string;
  readonly send: (party: string, name: string, format: FormatId, words?: ListWords, has?: Holding) => Promise<SentList>;
  readonly text: (party: string, name: string, format?: FormatId, words?: ListWords) => Promise<string>;
  readonly organisation: (key: string) => OrganisationId;
}

export const openOutWorld = async (t: TestContext): Promise<OutWorld> => {
  const world = await openActsWorld(t);
  const { desk } = world;
  const exclusions = buildExclusions([], { allow: ["198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"] });
  const listing: Listing = {
    ...{ state: desk.state, views: desk.views, idOf: desk.idOf, portal: desk.portal },
    known: () => desk.directory.known,
    exclusions: () => exclusions,
    titleOf: (feed) => `Feed ${feed}`,
  };
  const shelf = listShelf();
  const organisation = (key: string): OrganisationId => world.id("organisation", key) as OrganisationId;
  const send: OutWorld["send"] = async (party, name, format, words = {}, has = {}) => {
    const recipient = recipientOf(desk.directory.known, organisation(party));
    assert.ok(recipient);
    const asked = await readList(listing, recipient, name, format, words);
    assert.ok(asked.ok, asked.ok ? "" : asked.problem.message);
    const sent = await sendList(listing, shelf, organisation(party), asked.value, desk.now(), has);
    assert.ok(sent);
    return sent;
  };
  return {
    ...world,
    ...{ listing, shelf, organisation, send },
    idOfValue: (value) => indicatorId("secret", value),
    list: async (...values) => {
      for (const { kind, value, feed = "list", ...more } of values)
        await desk.state.act(async (tx) => {
          await tx.intel.feed({ id: feed, liveDays: 30, voice: "alert" }, more.shadow ?? false);
          const row: ClaimRow = {
            ...{ id: indicatorId("secret", { kind, value }), observable: { kind, value }, parts: [""] },
            ...{ seenAt: desk.now(), liveUntil: more.until ?? after(desk.now(), 20 * day), flags: [] },
            ...{ grade: more.grade ?? { source: "B", statement: 2 }, labels: more.labels ?? ["bot"] },
            ...{ tlp: more.tlp ?? "clear", pap: more.pap ?? "clear", licence: more.licence ?? "CC0-1.0" },
          };
          await tx.intel.merge(feed, [row], desk.now());
        });
    },
    text: async (party, name, format = "txt", words = {}) => {
      const { packed } = await send(party, name, format, words);
      return gunzipSync(Buffer.concat(packed ?? [])).toString("utf8");
    },
  };
};

export const linesOf = (text: string): readonly string[] =>
  text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
