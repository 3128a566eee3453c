import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { SensorAbility, SentParcelText } from "#cli/abilities.ts";
import { type Instant, instant, minute } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import type { EdgeCalls } from "#jobs/edge/calling.ts";
import { takeCarried } from "#jobs/edge/carried.ts";
import { Edge } from "#jobs/edge/edge.ts";
import type { EdgeIdentity } from "#jobs/edge/edge-world.ts";
import type { EdgeConfig } from "#jobs/edge/edge-config.ts";
import { edgeDoor, keptFile, onlySensor, storedFile, takePart } from "#jobs/edge/edge-inputs.ts";
import type { EdgeShelf } from "#jobs/edge/shelf-port.ts";
import { type EdgeStatus, statusOf, Troubles } from "#jobs/edge/status.ts";
import { GatherLines } from "#jobs/batches/gather-lines.ts";
import { startLoops } from "#jobs/loops.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { openTail, type Tail } from "#listen/file-tail.ts";
import type { Listener, Sink } from "#listen/sink.ts";
import { listenTcp } from "#listen/syslog-tcp.ts";
import { listenUdp } from "#listen/syslog-udp.ts";
import { holdFolder } from "#segments/hold.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { openShelf } from "#segments/shelf.ts";
import { gently } from "#wiring/gently.ts";
import { openCountryData } from "#store/address-data.ts";
import { callsOf, checkFormats, keysOf, splitDetail, stampOf } from "#wiring/sensor-line.ts";

/** How a sensor is run. */
export interface SensorRun {
  readonly config: EdgeConfig;
  /** Relative paths begin here. */
  readonly cwd: string;
  readonly program: string;
  /** Take what is there, ask, answer and send once, and end. */
  readonly once: boolean;
  readonly stop: AbortSignal;
  readonly say: (text: string) => void;
  /** Something a person of the department should see. */
  readonly tell: (problem: Problem) => void;
  /** Ports that listeners were given, where the configuration said 0. */
  readonly listening?: (input: string, port: number) => void;
}

/** How a run ended, for the exit code. */
export interface SensorRan {
  readonly status: EdgeStatus;
  /** What was taken in this run. */
  readonly lines: number;
  readonly hits: number;
}

/** Milliseconds between looks: at messages, at files, at the clock, at the line. */
const rests = { gather: 250, files: 1000, turn: 250, hunt: 1000, ask: 1000, send: 500, status: minute } as const;

/** Bytes of a followed file's longest part: a longer line is none (telemetry/lines.ts). */
const partBytes = 1_114_112;
/** Bytes that are read at once where lines are shorter: what a part is made into is gone before the next is read. */
const atOnceBytes = 262_144;

const clock = (): Instant => instant(Date.now());

/** Runs a sensor until it is told to stop; with `once` until there is nothing to do. */
export const runSensor = async (run: SensorRun): Promise<SensorRan> => {
  const { config, cwd, stop, say } = run;
  const data = resolve(cwd, config.data);
  const letGo = holdFolder(data);
  try {
    const opened = await openSensor(run, data);
    const { edge, calls, carry, close } = opened;
    try {
      if (run.once) await goOnce(opened, run);
      else await goOn(opened, run);
      if (calls === undefined && config.out !== undefined) carry();
    } finally {
      await close();
    }
    if (stop.aborted) say("Stopped: what was taken is written down.");
    return { status: opened.status(false), lines: opened.taken.lines, hits: edge.state.number };
  } finally {
    letGo();
  }
};

interface OpenedSensor {
  readonly edge: Edge;
  readonly calls: EdgeCalls | undefined;
  readonly tail: Tail;
  readonly gather: GatherLines;
  readonly listeners: readonly Listener[];
  readonly taken: { lines: number };
  readonly flushDrops: () => void;
  readonly readCarried: () => Promise<void>;
  /** Parcels to where a one-way link takes them. @returns whether one went */
  readonly carry: () => boolean;
  readonly status: (running: boolean) => EdgeStatus;
  readonly saveStatus: (running: boolean) => void;
  readonly close: () => Promise<void>;
}

const openSensor = async (run: SensorRun, data: string): Promise<OpenedSensor> => {
  const { config, cwd, program, say } = run;
  const shelf = openShelf(data);
  const identity = identityOf(shelf);
  const fingerprint = new Fingerprint64(fingerprintKey(Buffer.from(identity.secret)));
  const log = new SegmentLog(join(data, "log"), fingerprint, clock());
  const troubles = new Troubles();
  const countries = openCountryData();
  const trouble = (wrong: Problem): void => {
    if (troubles.add(wrong, clock())) run.tell(wrong);
  };
  checkFormats(config);
  const edge = await Edge.open({
    ...{ sensor: config.sensor, identity, log, shelf, program, trouble },
    past: new SegmentPast(log, fingerprint),
    limits: {
      historyBytes: config.keep.historyMegabytes * 1_048_576,
      historyDays: config.keep.historyDays,
      waitingBytes: config.keep.waitingMegabytes * 1_048_576,
      sentDays: config.keep.sentDays,
    },
    networks: config.networks,
    now: clock,
    memory: () => process.memoryUsage.rss(),
    origin: (address) => countries()?.of(address) ?? {},
  });
  const taken = { lines: 0 };
  const drops = new Map<string, number>();
  const drop = (reason: string, n = 1): void => {
    if (n > 0) drops.set(reason, (drops.get(reason) ?? 0) + n);
  };
  const flushDrops = (): void => {
    for (const [reason, n] of drops) {
      edge.lost(reason, n);
      drops.delete(reason);
    }
  };
  const own = onlySensor(config.sensor);
  const gather = new GatherLines(
    edgeDoor(edge),
    randomBytes(8).toString("hex"),
    1,
    () => true,
    () => {},
  );
  const sink: Sink = {
    knows: (key) => key === config.sensor,
    hasRoom: () => gather.hasRoom(own),
    take: (_key, format, line) => {
      taken.lines++;
      gather.add(own, format, line, clock());
    },
    dropped: (_input, reason, _detail, _sensor, n) => drop(reason, n),
  };
  const listeners: Listener[] = [];
  for (const input of config.inputs.syslog) {
    const listener =
      input.transport === "udp"
        ? await listenUdp(input, sink)
        : await listenTcp(input, sink, input.tls && (await keysOf(data, input.tls)));
    listeners.push(listener);
    run.listening?.(input.listen, listener.port);
    say(`syslog is taken on ${input.listen}`);
  }
  const tail = openTail(
    config.inputs.files.map((one) => ({ ...one, path: resolve(cwd, one.path) })),
    {
      sensor: (key) => (key === config.sensor ? { id: own, format: edge.format ?? "" } : undefined),
      files: () => Promise.resolve(edge.state.files.map(keptFile)),
      add: (file) => {
        const n = edge.state.nextFile;
        edge.file({ kind: "kept", file: storedFile({ ...file, n }) });
        return Promise.resolve(n);
      },
      see: (n, at) => {
        const known = edge.state.files.find((one) => one.n === n);
        if (known) edge.file({ kind: "kept", file: { ...known, seen: at } });
        return Promise.resolve();
      },
      forget: (n) => {
        edge.file({ kind: "forgotten", n });
        return Promise.resolve();
      },
      take: (part, at) => Promise.resolve(takePart(edge, part, at)),
      dropped: (_input, reason, detail) => {
        if (reason === "unreadable") trouble(problem("WGL_INPUT_PATH", splitDetail(detail)));
        drop(reason);
      },
    },
    partBytes,
    atOnceBytes,
  );
  const calls = await callsOf(run, { edge, shelf, epoch: identity.epoch, now: clock, trouble });
  const about = (running: boolean): EdgeStatus =>
    statusOf(
      edge,
      { log, shelf },
      {
        ...{ at: clock(), sensor: config.sensor, program, running, memory: process.memoryUsage.rss() },
        ...(config.server === undefined ? {} : { server: config.server }),
        ...(config.out === undefined ? {} : { out: config.out }),
        troubles: troubles.all,
      },
    );
  const saveStatus = (running: boolean): void => shelf.small.write("status", [JSON.stringify(about(running))]);
  let brought = "";
  let centre = identity.centre;
  return {
    ...{ edge, calls, tail, gather, listeners, taken, flushDrops, saveStatus },
    readCarried: async () => {
      if (config.knowledge === undefined) return;
      const path = resolve(cwd, config.knowledge);
      const stamp = await stampOf(path);
      if (stamp === undefined || stamp === brought) return;
      const read = await takeCarried(edge, shelf, path, config.sensor, centre);
      brought = stamp;
      if (!read.ok) return trouble(read.problem);
      if (centre === undefined)
        shelf.small.write("identity", [JSON.stringify({ ...identity, centre: read.value.key })]);
      centre = read.value.key;
    },
    carry: () => {
      if (config.out === undefined || config.server !== undefined) return false;
      const folder = resolve(cwd, config.out);
      let carried = false;
      for (const parcel of shelf.parcels.waiting())
        if (parcel.number < edge.state.number) {
          shelf.parcels.carry(parcel, folder);
          shelf.parcels.sent(parcel);
          carried = true;
        }
      return carried;
    },
    status: about,
    close: async () => {
      await Promise.all(listeners.map((one) => one.close()));
      await tail.close();
      try {
        await gather.commit(clock(), true);
        flushDrops();
        saveStatus(false);
      } catch (error) {
        if (!(error instanceof WaglanError)) throw error;
        trouble(problem(error.code, error.with));
      } finally {
        edge.close();
      }
    },
  };
};

const identityOf = (shelf: EdgeShelf): EdgeIdentity => {
  const bytes = shelf.small.read("identity");
  if (bytes !== undefined) return JSON.parse(new TextDecoder().decode(bytes)) as EdgeIdentity;
  const made: EdgeIdentity = { secret: randomBytes(32).toString("hex"), epoch: randomBytes(8).toString("hex") };
  shelf.small.write("identity", [JSON.stringify(made)]);
  return made;
};

const gatherTurn = async ({ gather, listeners, flushDrops }: OpenedSensor, all: boolean): Promise<void> => {
  for (const one of listeners) one.look();
  try {
    await gather.commit(clock(), all);
  } finally {
    for (const one of listeners) one.resume();
    flushDrops();
  }
};

const goOnce = async (opened: OpenedSensor, { stop }: SensorRun): Promise<void> => {
  const { edge, calls, tail, readCarried, carry } = opened;
  await readCarried();
  await calls?.ask(true);
  while (!stop.aborted && (await tail.turn(clock())));
  await gatherTurn(opened, true);
  while (!stop.aborted && (await edge.hunt()));
  edge.turn(true);
  while (!stop.aborted && (await calls?.send(true)));
  carry();
};

const goOn = async (opened: OpenedSensor, { config, stop, tell }: SensorRun): Promise<void> => {
  const { edge, calls, tail, readCarried, carry, saveStatus } = opened;
  const failed = (loop: string, error: unknown): void => {
    if (error instanceof WaglanError) tell(problem(error.code, error.with));
    else
      tell(problem("WGL_OURS", { reason: `${loop}: ${error instanceof Error ? (error.stack ?? "") : String(error)}` }));
  };
  await readCarried();
  // one that knows nothing yet learns first, where it can: what it would take meanwhile had to be hunted
  if (edge.knowledge.cursor === undefined) await calls?.ask(true);
  const loops = startLoops(
    [
      { name: "gather", restMs: rests.gather, turn: () => gatherTurn(opened, false).then(() => false) },
      ...(config.inputs.files.length === 0
        ? []
        : [{ name: "files", restMs: rests.files, turn: () => tail.turn(clock()) }]),
      {
        name: "turn",
        restMs: rests.turn,
        turn: () => {
          edge.turn();
          return Promise.resolve(false);
        },
      },
      { name: "hunt", restMs: rests.hunt, turn: gently(() => edge.hunt()) },
      {
        name: "line",
        restMs: rests.ask,
        turn: () => (calls ? calls.ask().then(() => false) : readCarried().then(() => false)),
      },
      { name: "send", restMs: rests.send, turn: async () => (calls ? calls.send() : carry()) },
      {
        name: "status",
        restMs: rests.status,
        turn: () => {
          saveStatus(true);
          return Promise.resolve(false);
        },
      },
    ],
    failed,
  );
  if (!stop.aborted) await new Promise<void>((done) => stop.addEventListener("abort", () => done(), { once: true }));
  await loops.stop();
  // what was found last is in a parcel, and what was counted is told with the next start
  edge.turn(true);
};

/** What left a sensor, oldest first, from what it keeps; it may run meanwhile. @throws WGL_SENSOR_EMPTY */
function* sentBy(folder: string, since: Instant): Generator<SentParcelText, void, void> {
  const shelf = shelfOf(folder);
  for (const { number, at, bytes } of shelf.parcels.handedOver())
    if (at >= since)
      yield { number, at, bytes, text: new TextDecoder().decode(gunzipSync(shelf.parcels.readSent(number))) };
}

/** How a sensor was when it last said so. @throws WGL_SENSOR_EMPTY */
const statusIn = (folder: string): EdgeStatus => {
  const bytes = shelfOf(folder).small.read("status");
  if (bytes === undefined) throw new WaglanError("WGL_SENSOR_EMPTY", { path: folder });
  return JSON.parse(new TextDecoder().decode(bytes)) as EdgeStatus;
};

const shelfOf = (folder: string): EdgeShelf => {
  if (!existsSync(join(folder, "identity.json"))) throw new WaglanError("WGL_SENSOR_EMPTY", { path: folder });
  return openShelf(folder);
};

/** What `waglan sensor` may do. */
export const sensor: SensorAbility = { run: runSensor, sent: sentBy, status: statusIn };
