import { admit } from "#core/admit.ts";
import { after, day, type Instant, instant } from "#core/instant.ts";
import { type OrganisationId, stricterTlp, type Tlp } from "#core/marking.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as mispEvent } from "#feeds/misp-event/feed.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { attributeObservables } from "#misp/attribute-observables.ts";
import type { Collecting } from "#jobs/collect/collect.ts";
import type { MispAttributeRow, MispDispute, MispReach, MispSighted, MispSightingRow } from "./port.ts";
import type { Tx } from "#jobs/ports.ts";

/** Days that somebody's having seen a value supports it. */
const sightingLiveDays = 30;

/**
 * What an organisation says of an attribute by its newest sighting: it saw it, it is a false positive, it is over. Of two at
 * one moment the doubt stands. An expiry says what is over from its own date on.
 *
 * @see MISP: sighting types 0, 1 and 2
 */
type Stand = "seen" | "false" | "over";

const standOf = (
  sightings: readonly MispSightingRow[],
  now: Instant,
): { readonly is: Stand; readonly at: number } | undefined => {
  const due = sightings
    .filter(({ type, at }) => type !== 2 || at * 1000 <= now)
    .toSorted((a, b) => a.at - b.at || a.type - b.type)
    .at(-1);
  return due && { is: due.type === 0 ? "seen" : due.type === 1 ? "false" : "over", at: due.at };
};

/** What its own author says of an attribute; who says nothing stands by it. */
export const standsBy = ({ sightings }: MispSighted, author: OrganisationId | undefined, now: Instant): Stand =>
  standOf(
    sightings.filter(({ sender }) => sender === author),
    now,
  )?.is ?? "seen";

/**
 * What was sighted of an attribute reaches intel, one sender at a time:
 *   seen     a claim of a feed of the sender's own that supports and never speaks (voice "corroborate"), in shadow like any other
 *            new feed: the value is as fresh as the sighting. Only of what others list: a sighting lists nothing by itself
 *   false    its own support goes, and every source of the value has one dispute more (scorecard); with evidence
 *   over     its own support goes; with evidence
 * The author's own false positive or expiry takes the attribute out of what the event lists (misp-claims.ts). A sighting of
 * what was never published says nothing here. A claim goes no further than the attribute it is about.
 *
 * @param payload `sighted`: number of the attribute, `by`: whose sighting went, perhaps the last; `unsighted`: an attribute
 *   that is gone with all that was said of it
 */
export const joinSightings = async (
  { state, secret, policy, now }: Pick<Collecting, "state" | "secret" | "policy" | "now">,
  payload: Readonly<Record<string, unknown>>,
  whole: MispReach,
  nameOf: (sender: OrganisationId) => string | undefined,
): Promise<void> => {
  const idsOf = (attribute: Pick<MispAttributeRow, "type" | "value">) => {
    const read = attributeObservables(attribute);
    return read.ok ? read.value.map(({ observable }) => ({ observable, id: indicatorId(secret, observable) })) : [];
  };
  await state.act(async (tx) => {
    const gone = unsightedOf(payload["unsighted"]);
    if (gone !== undefined) {
      for (const sender of gone.by) {
        const feed = feedOf(sender, nameOf);
        if (feed !== undefined) await takeBack(tx, feed, idsOf(gone), gone.uuid, sender, now);
      }
      return;
    }
    const n = Number(payload["sighted"]);
    if (!Number.isSafeInteger(n)) return;
    const [found] = await tx.misp.sighted([n], whole);
    if (found === undefined) return;
    const { attribute, event, sightings } = found;
    const isPublished = event.publishedAt > 0 && !attribute.deleted && attribute.toIds;
    const values = idsOf(attribute).flatMap((one) => {
      const admitted = admit(one.observable, policy);
      return admitted.ok ? [{ ...one, flags: admitted.value.flags }] : [];
    });
    const by = Map.groupBy(sightings, ({ sender }): string => sender ?? "");
    const asked = typeof payload["by"] === "string" ? [payload["by"]] : [];
    for (const sender of new Set([...by.keys(), ...asked])) {
      const feed = feedOf(sender, nameOf);
      if (feed === undefined) continue;
      const stand = isPublished ? standOf(by.get(sender) ?? [], now) : undefined;
      if (stand?.is !== "seen") await takeBack(tx, feed, values, attribute.uuid, sender, now);
      if (stand?.is === "seen")
        await support(tx, feed, values, attribute, sender, instant(Math.min(stand.at * 1000, now)), now);
      if (stand?.is === "false") await tx.misp.dispute(disputesOf(values, sender, attribute.uuid), now);
      if (stand !== undefined && stand.is !== "seen" && asked.includes(sender))
        await tx.evidence.leaf({
          kind: "policy",
          subject: "misp",
          data: { act: `sighting: ${stand.is}`, attribute: attribute.uuid, ...(sender === "" ? {} : { sender }) },
          at: now,
        });
    }
    // What its author calls false or over leaves the event's list, now or on the day it says
    const own = sightings.filter(({ sender }) => sender === event.sender && sender !== undefined);
    const authors = event.sender === undefined ? sightings.filter(({ sender }) => sender === undefined) : own;
    const ahead = authors.filter(({ type, at }) => type === 2 && at * 1000 > now).map(({ at }) => instant(at * 1000));
    if (typeof payload["by"] === "string" && payload["by"] === (event.sender ?? "") && isPublished)
      await tx.queue.put("join-misp", String(event.n), {}, now);
    for (const at of ahead) await tx.queue.put("join-misp", `expires ${attribute.n} ${at}`, { event: event.n }, at);
  });
};

interface Value {
  readonly id: string;
  readonly observable: ClaimRow["observable"];
  readonly flags?: readonly string[];
}

const disputesOf = (values: readonly Value[], sender: string, attribute: string): readonly MispDispute[] =>
  values.map(({ id }) => ({ indicator: id, sender, attribute }));

/** The sender's word for these values, as fresh as it saw them; of values nobody lists it makes no indicator. */
const support = async (
  tx: Tx,
  feed: Feed,
  values: readonly Value[],
  attribute: MispAttributeRow,
  sender: string,
  seenAt: Instant,
  now: Instant,
): Promise<void> => {
  await tx.misp.undispute(disputesOf(values, sender, attribute.uuid));
  const listed = new Set(
    (
      await tx.intel.indicators(
        values.map(({ id }) => id),
        now,
      )
    )
      .filter((one) => one.live || one.listed)
      .map(({ id }) => id),
  );
  const rows = values
    .filter(({ id }) => listed.has(id))
    .map(
      ({ id, observable, flags = [] }): ClaimRow => ({
        ...{ id, observable, seenAt, flags },
        parts: [attribute.uuid],
        liveUntil: after(seenAt, sightingLiveDays * day),
        ...{ grade: feed.grade, labels: [], pap: attribute.marking.pap, licence: feed.licence },
        tlp: stricterTlp(claimTlp(attribute.marking), feed.tlp),
      }),
    );
  if (rows.length === 0) return;
  await tx.intel.feed(feed, true);
  await tx.intel.merge(feed.id, rows, now);
  // Nobody reads this feed again, so its ends are told on the day they come
  const end = after(seenAt, sightingLiveDays * day);
  const dayAfter = instant((Math.floor(end / day) + 1) * day);
  await tx.queue.put("join-misp", `ends ${feed.id} ${dayAfter}`, { ends: feed.id }, dayAfter);
};

const takeBack = async (
  tx: Tx,
  feed: Feed,
  values: readonly Value[],
  part: string,
  sender: string,
  now: Instant,
): Promise<void> => {
  await tx.misp.undispute(disputesOf(values, sender, part));
  await tx.intel.withdraw(
    feed.id,
    values.map(({ id }) => ({ id, part })),
    now,
  );
};

/** One feed a sender: what an organisation says twice counts once. */
const feedOf = (sender: string, nameOf: (sender: OrganisationId) => string | undefined): Feed | undefined => {
  const name = sender === "" ? "" : nameOf(sender as OrganisationId);
  return name === undefined
    ? undefined
    : {
        ...mispEvent,
        id: `misp-sightings${name === "" ? "" : `-${name}`}`,
        title: "Sightings",
        publisher: name === "" ? "the community" : name,
        ...{ licence: "own", pap: "clear", tlp: "amber+strict", voice: "corroborate", gives: "news" },
        liveDays: sightingLiveDays,
      };
};

/** A claim has no owner and no group: what only an owner's clients or a group may have is AMBER+STRICT at least. */
export const claimTlp = ({
  owner,
  group,
  tlp,
}: {
  readonly owner?: unknown;
  readonly group?: unknown;
  readonly tlp: Tlp;
}): Tlp => (group !== undefined || (owner !== undefined && tlp === "amber") ? stricterTlp(tlp, "amber+strict") : tlp);

const unsightedOf = (
  value: unknown,
):
  | { readonly uuid: string; readonly type: string; readonly value: string; readonly by: readonly string[] }
  | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const { uuid, type, value: text, by } = value as Readonly<Record<string, unknown>>;
  return typeof uuid === "string" && typeof type === "string" && typeof text === "string" && Array.isArray(by)
    ? { uuid, type, value: text, by: by.map(String) }
    : undefined;
};
