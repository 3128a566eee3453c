import { createHash } from "node:crypto";
import { admit } from "#core/admit.ts";
import type { Tlp } from "#core/marking.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { isManifest, mispParts } from "#feeds/misp-rows.ts";
import { feed as mispEvent } from "#feeds/misp-event/feed.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import { collect } from "#jobs/collect/collect.ts";
import type { Tx } from "#jobs/ports.ts";
import type { MispEvent } from "#misp/model.ts";
import { own } from "#misp/own.ts";
import { printEvent } from "#misp/print-event.ts";
import { readDocument } from "#misp/read-event.ts";
import { restrictionOf } from "#misp/restriction.ts";
import type { MovedEvent, MoveInRun } from "./port.ts";
import { moveIn, type MovingIn, type Run, type Telling } from "./run.ts";

/** One document of a MISP instance, and what it may be skipped by. */
export interface MispDocumentRead {
  /** For people: a file, or the event's uuid. */
  readonly name: string;
  readonly body: () => Promise<Uint8Array>;
  /** Where an index said it before the event was fetched: what has not changed since is not fetched. */
  readonly uuid?: string;
  readonly stamp?: number;
}

/** Where events come from; `exported`: its own instance gave them, so that distribution levels bind. */
export interface MispPlace {
  /** Without a key. */
  readonly place: string;
  readonly exported: boolean;
  readonly documents: () => AsyncIterable<MispDocumentRead>;
}

export interface MovingMisp extends MovingIn {
  readonly policy: ReadPolicy;
  readonly elapsed: () => number;
  /** Puts an event among those that `/misp/` serves, as part of `tx`; absent: there is no such store. */
  readonly keepEvent?: (tx: Tx, event: MispEvent) => Promise<void>;
}

/**
 * The feed of a batch. A value that cannot be read, or must not be listed, is told to `note` and spoils nothing beside it:
 * the guard is for a source that went wrong over night, and not for what somebody wrote years ago.
 */
const feedOf = (exported: boolean, policy: ReadPolicy, note: (why: Problem) => void): Feed => ({
  ...mispEvent,
  ...{ id: "misp", title: "MISP, moved in", publisher: "the instance moved in from" },
  parts: (body, file) =>
    mispParts(parseJson(body), !exported).map((part) => ({
      ...part,
      name: "",
      rows: lenient(part.rows, file, policy, note),
    })),
});

function* lenient(
  rows: Iterable<Row>,
  file: string,
  policy: ReadPolicy,
  note: (why: Problem) => void,
): Generator<Row, void, undefined> {
  for (const row of rows) {
    const { result } = row;
    const allowed = result.ok && result.value.is === undefined ? admit(result.value.observable, policy) : result;
    if (allowed.ok || row.legal === true) {
      yield row;
      continue;
    }
    const why = { ...allowed.problem, at: `${file} row ${row.row}` };
    note(why);
    yield { row: row.row, legal: true, result: { ok: false, problem: why } };
  }
}

/** Events of one turn; each commits with the run. */
const batchEvents = 50;

/**
 * Events of a MISP instance: whole as they came, with ids, organisations, tags, objects, sightings and what is deleted; and
 * their attributes that are meant for detection, in shadow, into what is watched for. Each event is a list under its uuid,
 * so that an event that changed adds, changes and delists its own values. One that did not change touches nothing, and
 * one that is older than what is here is passed over.
 *
 * Distribution and sharing groups become the marking; a group's members are not known here, so it is RED and told.
 */
export const moveInMisp = (moving: MovingMisp, telling: Telling, from: MispPlace): Promise<MoveInRun> =>
  moveIn(moving, telling, "misp", from.place, async (run) => {
    let waiting: Waiting[] = [];
    const flush = async (): Promise<void> => {
      const some = waiting;
      waiting = [];
      await take(moving, run, from, some);
    };
    for await (const document of from.documents()) {
      if (!run.take(`${document.name} ${document.stamp ?? ""}`)) continue;
      if (document.uuid !== undefined && (await isHere(moving, document.uuid, document.stamp ?? 0))) {
        run.count("events");
        run.count("unchanged");
        continue;
      }
      waiting.push(...(await eventsIn(run, document, from.exported)));
      if (waiting.length >= batchEvents) await flush();
    }
    await flush();
  });

interface Waiting {
  readonly name: string;
  readonly event: MispEvent;
  readonly moved: MovedEvent;
}

const isHere = async ({ state }: MovingMisp, uuid: string, stamp: number): Promise<boolean> => {
  const here = (await state.act((tx) => tx.moveIn.events("misp", [uuid]))).get(uuid);
  return here !== undefined && here.stamp >= stamp;
};

const eventsIn = async (run: Run, document: MispDocumentRead, exported: boolean): Promise<readonly Waiting[]> => {
  const { name } = document;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(await document.body()).toString("utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    run.count("refused");
    run.refuse(problem("WGL_MISP_SHAPE", { wanted: "JSON" }, name));
    return [];
  }
  if (isManifest(json)) {
    run.count("manifests passed over");
    return [];
  }
  const read = readDocument(json);
  if (!read.ok) {
    run.count("refused");
    run.refuse({ ...read.problem, at: name });
    return [];
  }
  for (const one of read.value.problems) run.refuse({ ...one, at: `${name}${one.at ?? ""}` });
  const { events, attributes, objects } = read.value.value;
  if (attributes.length + objects.length > 0) {
    run.count("refused");
    run.refuse(problem("WGL_MISP_SHAPE", { wanted: "events, not attributes without one" }, name));
  }
  return events.flatMap((event) => {
    run.count("events");
    const { uuid } = event;
    if (uuid === undefined) {
      run.count("refused");
      run.refuse(problem("WGL_MISP_FIELD", { field: "uuid", what: "event", wanted: "a UUID" }, name));
      return [];
    }
    const body = JSON.stringify(printEvent(event));
    const digest = createHash("sha256").update(body).digest("hex");
    return [{ name, event, moved: { uuid, stamp: stampOf(event), digest, tlp: tlpOf(event, exported), body } }];
  });
};

const stampOf = ({ timestamp }: MispEvent): number => {
  const seconds = Number(timestamp ?? 0);
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : 0;
};

const nothing = { type: "", value: "", Tag: [], Galaxy: [], Sighting: [], Note: [], Opinion: [] } as const;
const tlpOf = (event: MispEvent, exported: boolean): Tlp =>
  restrictionOf(event, undefined, nothing, !exported).tlp ?? mispEvent.tlp;

const take = async (moving: MovingMisp, run: Run, from: MispPlace, waiting: readonly Waiting[]): Promise<void> => {
  const here = await moving.state.act((tx) =>
    tx.moveIn.events(
      "misp",
      waiting.map(({ moved }) => moved.uuid),
    ),
  );
  // of one event twice in a batch the later stands
  const fresh = new Map<string, Waiting>();
  for (const one of waiting) {
    const { uuid, digest, stamp } = one.moved;
    const before = fresh.get(uuid)?.moved ?? here.get(uuid);
    if (before?.digest === digest) run.count("unchanged");
    else if (before !== undefined && stamp < before.stamp) run.count("older than here");
    else fresh.set(uuid, one);
  }
  const all = [...fresh.values()];
  if (all.length === 0) return run.batch(async () => {});
  if (await collectEvents(moving, run, from, all, here, true)) return;
  // one of them is not what a list of values should be: the others are taken without it
  for (const one of all)
    if (!(await collectEvents(moving, run, from, [one], here, false))) {
      run.count("refused");
      run.refuse(problem("WGL_BODY_SHAPE", { wanted: "an event whose values can mostly be read" }, one.name));
    }
  await run.batch(async () => {});
};

/**
 * One turn of the feed `misp`, and in its last transaction the events themselves.
 *
 * @param all they are all of a batch, so that the run is behind it with them
 * @returns false: the guard refused them
 */
const collectEvents = async (
  moving: MovingMisp,
  run: Run,
  from: MispPlace,
  waiting: readonly Waiting[],
  here: ReadonlyMap<string, unknown>,
  all: boolean,
): Promise<boolean> => {
  const { state, secret, policy, elapsed, now } = moving;
  // a turn reads its bodies twice
  const notes = new Map<string, Problem>();
  const feed = feedOf(from.exported, policy, (why) => notes.set(`${why.code} ${why.at ?? ""} ${why.message}`, why));
  const pieces = waiting.map(({ moved }) => ({
    name: moved.uuid,
    file: `${moved.uuid}.json`,
    body: Buffer.from(moved.body),
  }));
  const turn = await collect(
    {
      ...{ state, secret, policy, elapsed, now: now(), shadow: true, acceptHeld: true, whole: false },
      committing: async (tx, { state: verdict, added, changed, delisted }) => {
        if (verdict !== "healthy") return;
        for (const one of notes.values()) run.note(one);
        for (const { event, moved } of waiting) {
          run.count(here.has(moved.uuid) ? "changed" : "new");
          for (const group of groupsOf(event)) {
            run.count("of a sharing group");
            run.note(problem("WGL_MOVE_GROUP", { group, uuid: moved.uuid }));
          }
          await moving.keepEvent?.(tx, event);
        }
        run.count("values added", added);
        run.count("values changed", changed);
        run.count("values delisted", delisted);
        await tx.moveIn.putEvents(
          "misp",
          waiting.map(({ moved }) => moved),
          now(),
        );
        if (all) await run.write(tx);
      },
    },
    feed,
    {
      bytes: pieces.reduce((sum, { body }) => sum + body.byteLength, 0),
      each: async function* () {
        yield* pieces;
      },
    },
    from.place,
  );
  if (turn === undefined) throw new WaglanError("WGL_FEED_BUSY", { feed: feed.id });
  return turn.state === "healthy";
};

/** Sharing groups an event, its objects or attributes are for: their names, else their ids. */
const groupsOf = (event: MispEvent): ReadonlySet<string> => {
  const found = new Set<string>();
  const see = (one: Pick<MispEvent, "distribution" | "SharingGroup" | "sharing_group_id">): void => {
    if (one.distribution !== "4") return;
    const name = own(one.SharingGroup, "name") ?? own(one.SharingGroup, "uuid") ?? one.sharing_group_id;
    found.add(typeof name === "string" ? name : "?");
  };
  see(event);
  for (const attribute of event.Attribute) see(attribute);
  for (const object of event.Object) {
    see(object);
    for (const attribute of object.Attribute) see(attribute);
  }
  return found;
};
