import { admit } from "#core/admit.ts";
import { after, day, type Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { ValuePolicy } from "#core/value-policy.ts";
import type { Feed, RawIndicator } from "#feeds/feed.ts";
import { bothClaims } from "#intel/both-claims.ts";
import { indicatorDigest, uuidOf } from "#intel/indicator.ts";
import type { ClaimRow } from "#intel/ports.ts";
import { both, type Report, sighting } from "#intel/report.ts";
import type { Tx } from "#jobs/ports.ts";
import { type IntelmqEvent, readIntelmqEvent } from "./intelmq-event.ts";
import type { MoveInRun } from "./port.ts";
import { dumpRecords } from "./records.ts";
import { moveIn, type MovingIn, type Run, type Telling } from "./run.ts";

/** What a feed of another system is until a person looks at it: in shadow, fairly trusted, not to be passed on. */
type MovedFeed = Pick<Feed, "id" | "liveDays" | "voice" | "grade" | "tlp" | "pap" | "licence" | "gives">;
const movedFeed = (id: string): MovedFeed => ({
  ...{ id, liveDays: 7, voice: "alert", grade: { source: "C", statement: 3 }, tlp: "amber", pap: "green" },
  ...{ licence: "no-redistribution", gives: "news" },
});

/** Rows of one transaction: about half a second of work. */
const batchRows = 2000;
/**
 * Days for which a row is known to have been taken: an EventDB goes back years, and a dump of last year must count nothing
 * twice when it comes again. A row costs 60 bytes for as long.
 */
const rememberedDays = 7300;
/** A clock ahead of ours is forgiven an hour; what is later than that has no time. */
const clockSkewMs = 3_600_000;

/**
 * An EventDB of IntelMQ, dumped as CSV or JSON lines: reports and indicators with their own times, of feeds named by
 * `feed.provider` and `feed.name` that are in shadow. Every event is counted once, whichever dump brings it and however often;
 * taken + known + refused = events.
 */
export const moveInIntelmq = (
  moving: MovingIn & { readonly policy: ValuePolicy },
  telling: Telling,
  place: string,
  chunks: () => AsyncIterable<Uint8Array>,
): Promise<MoveInRun> =>
  moveIn(moving, telling, "intelmq", place, async (run) => {
    let waiting: Coming[] = [];
    const fresh = new Map<string, { rows: number; taken: number }>();
    const flush = async (): Promise<void> => {
      const some = waiting;
      waiting = [];
      await run.batch((tx) => take(tx, moving, run, some, fresh));
    };
    for await (const { line, text, fields } of dumpRecords(chunks(), { file: place, column: "classification.type" })) {
      if (!run.take(text)) continue;
      run.count("events");
      const at = `row ${line}`;
      const read = fields.ok ? readIntelmqEvent(fields.value) : fields;
      const coming = read.ok ? comingOf(moving, read.value, text, moving.now()) : read;
      if (coming.ok) {
        waiting.push(coming.value);
        for (const note of [read.ok ? read.value.note : undefined, coming.value.note])
          if (note !== undefined) run.note({ ...note, at });
      } else {
        run.count("refused");
        run.refuse({ ...coming.problem, at });
      }
      if (waiting.length >= batchRows) await flush();
    }
    await flush();
    await moving.state.act((tx) => turns(tx, fresh, place, moving.now()));
  });

interface Coming {
  readonly feed: MovedFeed;
  readonly digest: string;
  readonly report?: Report;
  readonly claim?: ClaimRow;
  /** Why its value is not watched for. */
  readonly note?: Problem;
}

type Made = { readonly ok: true; readonly value: Coming } | { readonly ok: false; readonly problem: Problem };

const comingOf = (
  { secret, policy }: MovingIn & { readonly policy: ValuePolicy },
  event: IntelmqEvent,
  text: string,
  now: Instant,
): Made => {
  const feed = movedFeed(event.feed);
  const timed = <T extends { readonly seenAt?: Instant }>(raw: T): T => {
    if (raw.seenAt === undefined || raw.seenAt <= now + clockSkewMs) return raw;
    const { seenAt: _later, ...rest } = raw;
    return rest as T;
  };
  const report = event.report && sighting(secret, feed, timed(event.report), now);
  const made = event.indicator && claimOf(secret, policy, feed, timed(event.indicator), now);
  // a listed value that must not be an indicator still is what its owner is told of
  if (made !== undefined && !made.ok && report === undefined) return made;
  const claim = made?.ok === true ? made.value : undefined;
  const note = made?.ok === false ? made.problem : undefined;
  const digest =
    report?.instances[0]?.digest ?? uuidOf(indicatorDigest(secret, { kind: "path", value: `row ${text}` }));
  return {
    ok: true,
    value: {
      ...{ feed, digest: digest.replaceAll("-", "") },
      ...(report === undefined ? {} : { report }),
      ...(claim === undefined ? {} : { claim }),
      ...(note === undefined ? {} : { note }),
    },
  };
};

const claimOf = (
  secret: string,
  policy: ValuePolicy,
  feed: MovedFeed,
  raw: RawIndicator,
  now: Instant,
): { readonly ok: true; readonly value: ClaimRow } | { readonly ok: false; readonly problem: Problem } => {
  const admitted = admit(raw.observable, policy);
  if (!admitted.ok) return admitted;
  const seenAt = raw.seenAt ?? now;
  return {
    ok: true,
    value: {
      id: uuidOf(indicatorDigest(secret, raw.observable)),
      observable: raw.observable,
      parts: [""],
      seenAt,
      liveUntil: after(seenAt, feed.liveDays * day),
      grade: raw.grade ?? feed.grade,
      labels: raw.labels,
      flags: admitted.value.flags,
      tlp: raw.tlp ?? feed.tlp,
      pap: feed.pap,
      licence: feed.licence,
    },
  };
};

const take = async (
  tx: Tx,
  { now: clock }: MovingIn,
  run: Run,
  rows: readonly Coming[],
  told: Map<string, { rows: number; taken: number }>,
): Promise<void> => {
  const now = clock();
  // in one order of feeds, so that two writers wait for each other and never in a circle
  const byFeed = Map.groupBy(rows, ({ feed }) => feed.id);
  for (const id of [...byFeed.keys()].sort()) {
    const some = byFeed.get(id) ?? [];
    const [first] = some;
    if (first === undefined) continue;
    await tx.intel.feed(first.feed, true);
    const unseen = await tx.reports.fresh(
      id,
      some.map(({ digest }) => digest),
      after(now, rememberedDays * day),
    );
    const single = new Map(some.filter(({ digest }) => unseen.has(digest)).map((one) => [one.digest, one]));
    run.count("taken", single.size);
    run.count("known", some.length - single.size);
    const so = told.get(id) ?? { rows: 0, taken: 0 };
    told.set(id, { rows: so.rows + some.length, taken: so.taken + single.size });
    await saveReports(tx, id, [...single.values()], now, run);
    await saveClaims(tx, id, [...single.values()], now, run);
  }
};

const saveReports = async (tx: Tx, feed: string, rows: readonly Coming[], now: Instant, run: Run): Promise<void> => {
  const sightings = rows.flatMap(({ report }) => (report === undefined ? [] : [report]));
  if (sightings.length === 0) return;
  const before = new Map(
    (await tx.reports.known([...new Set(sightings.map(({ id }) => id))].sort())).map((one) => [one.id, one]),
  );
  const grown = new Map<string, { readonly report: Report; readonly fresh: number }>();
  for (const one of sightings) {
    const so = grown.get(one.id);
    const past = so?.report ?? before.get(one.id);
    grown.set(one.id, { report: past === undefined ? one : both(past, one), fresh: (so?.fresh ?? 0) + 1 });
  }
  await tx.reports.save(
    feed,
    [...grown.values()].map(({ report, fresh }) => ({ ...report, fresh })),
    now,
  );
  run.count("reported", sightings.length);
};

const saveClaims = async (tx: Tx, feed: string, rows: readonly Coming[], now: Instant, run: Run): Promise<void> => {
  const claims = new Map<string, ClaimRow>();
  let listed = 0;
  for (const { claim } of rows) {
    if (claim === undefined) continue;
    listed++;
    const twin = claims.get(claim.id);
    claims.set(claim.id, twin === undefined ? claim : bothClaims(twin, claim));
  }
  if (claims.size > 0) await tx.intel.merge(feed, [...claims.values()], now);
  run.count("listed", listed);
};

/** A turn of every feed that brought something, so that it is seen among the sources, and its old reports end. */
const turns = async (
  tx: Tx,
  told: ReadonlyMap<string, { readonly rows: number; readonly taken: number }>,
  file: string,
  now: Instant,
): Promise<void> => {
  for (const [feed, { rows, taken }] of told)
    if (taken > 0)
      await tx.intel.turn(
        {
          ...{ feed, at: now, state: "healthy", file, bytes: 0, rows, accepted: rows, rejected: {} },
          ...{ added: taken, changed: 0, delisted: 0, tookMs: 0 },
        },
        [],
        {},
      );
};
