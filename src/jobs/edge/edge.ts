import { type Instant, minute, second } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { EdgeExclusions } from "./edge-exclusions.ts";
import { edgeBehaviours } from "./edge-behaviours.ts";
import { EdgeIndex } from "./edge-index.ts";
import { EdgeRules, type RulesHeld } from "./edge-rules.ts";
import { waitMs } from "./delay-line.ts";
import { type EdgeEntry, EdgeState, type FileChange, type SavedEdge } from "./edge-state.ts";
import { EdgeHunts } from "./hunting.ts";
import { EdgeKnowledge } from "./learning.ts";
import type { EdgeWorld } from "./edge-world.ts";
import { atOnce, inTurns, type InTurns } from "./in-turns.ts";
import { behind, older } from "./log-place.ts";
import type { LogPlace } from "./log-port.ts";
import { makeRoom, type ParcelOrigin, sealDue } from "./parcelling.ts";
import { jsonPieces } from "./pieces.ts";
import { type EdgeBatch, type EdgeRead, readEdgeBatch } from "./reading.ts";
import { EdgeWatch, type Noticed, type SavedWatch, watchVersion } from "./watch.ts";
import { RulesShelf } from "./rules-shelf.ts";
import { readAsksAnswer } from "./wire.ts";
import type { SensorAsks } from "#jobs/sensors/wire.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";

/** Milliseconds between two looks: what is due to be told, saved, let go. */
const every = { told: minute, saved: 5 * minute, tick: minute, room: 10 * second } as const;

/** The place in the log up to which something saved stands for it. */
interface SavedAt {
  readonly place: LogPlace;
}

/**
 * A sensor inside a department, but for its inputs and its line: what it takes is read as the centre would read it, kept in the
 * local history, and of it only what was found is written into parcels. Every change is an entry of the log first
 * (`EdgeState.apply`), so that a process that is killed goes on where it was.
 */
export class Edge {
  readonly #world: EdgeWorld;
  readonly #origin: ParcelOrigin;
  readonly #fingerprint: Fingerprint64;
  readonly knowledge: EdgeKnowledge;
  readonly #hunts: EdgeHunts;
  readonly #rulesShelf: RulesShelf;
  readonly #watch: EdgeWatch;
  #state = new EdgeState();
  readonly #rules: EdgeRules;
  #asks: SensorAsks = { asks: [], cancelled: [] };
  /** Up to here the log has been taken by detectors over time that were saved. */
  #watched: LogPlace | undefined;
  #snapshot: LogPlace | undefined;
  readonly #last = { saved: 0, tick: 0, room: 0, told: 0 };
  #counted = { late: 0, forgotten: 0 };
  /** Batches with facts, oldest first, and the end of what they say by their sensor's clock. */
  readonly #heard: { readonly from: LogPlace; readonly newest: number }[] = [];

  private constructor(world: EdgeWorld) {
    const { sensor, identity, shelf, log, past } = world;
    this.#world = world;
    this.#origin = { sensor, epoch: identity.epoch };
    this.#fingerprint = new Fingerprint64(fingerprintKey(Buffer.from(identity.secret)));
    const key = Buffer.from(identity.secret, "hex");
    const exclusions = new EdgeExclusions(key);
    this.knowledge = new EdgeKnowledge(shelf, new EdgeIndex(key), exclusions);
    this.#rulesShelf = new RulesShelf(shelf, world.trouble);
    this.#rules = new EdgeRules(this.#rulesShelf, world.trouble);
    this.#watch = new EdgeWatch(sensor, world.networks, shelf.aside, log.textAt.bind(log), {
      harmless: exclusions.harmless,
      origin: world.origin ?? (() => ({})),
    });
    this.#hunts = new EdgeHunts({
      ...{ past, shelf, secret: identity.secret, networks: () => this.networks, asks: () => this.#asks },
      trouble: world.trouble,
      filesOf: (wanted) => this.#rules.inForce && this.#rulesShelf.filesOf(this.#rules.inForce, wanted),
      lives: (observable, at) => this.knowledge.index.lives(observable, at),
    });
  }

  /** Goes on where the log ends. */
  static async open(world: EdgeWorld): Promise<Edge> {
    const edge = new Edge(world);
    const wrong = await edge.knowledge.load();
    if (wrong) world.trouble(wrong);
    const rules = edge.#rulesShelf.load((fresh) => edge.#huntRules(fresh));
    if (rules) edge.#rules.use(rules);
    edge.#loadAsks();
    edge.#replay();
    return edge;
  }

  get state(): EdgeState {
    return this.#state;
  }

  get networks(): readonly string[] {
    return [...(this.knowledge.head?.sensor.networks ?? []), ...this.#world.networks];
  }

  get asks(): SensorAsks {
    return this.#asks;
  }

  /** ETag of the rules in force; "": none. */
  get rulesVersion(): string {
    return this.#rules.version;
  }

  /** How many rules can speak of what was met so far, and how many wait. */
  get rulesHeld(): RulesHeld {
    return this.#rules.held;
  }

  /** Format of a batch of which nobody says it. */
  get format(): string | undefined {
    return this.knowledge.head?.sensor.format;
  }

  /**
   * Takes a batch: reads it and writes down what it gave. It is taken when this returns; when it throws, nothing was.
   *
   * @param file what it does to the followed file it came from, in the same entry
   */
  take(batch: EdgeBatch, file?: FileChange): EdgeRead {
    const { log, identity, now, sensor } = this.#world;
    const read = readEdgeBatch(batch, {
      ...{ sensor, rules: this.#rules, behaviours: edgeBehaviours, networks: this.networks },
      index: this.knowledge.index.index,
      lives: (observable, at) => this.knowledge.index.lives(observable, at),
      // before the centre told its key, fields are hashed under our own
      fieldKey: this.knowledge.head?.policy.hash ?? identity.secret,
      ...{ secret: identity.secret, fingerprint: this.#fingerprint, known: (value) => log.knows(value) },
    });
    // records of a kind that was never met brought rules of their own
    this.#watch.use(this.#rules.plans, this.networks);
    const { segment, record: first } = log.next;
    const from = log.end;
    const at = now();
    const { format, lines, rejected, out, days, rows, facts, newest } = read;
    const entry: EdgeEntry = {
      ...{ kind: "batch", at, format, lines, rejected, out, days },
      ...{ lagMs: Math.max(0, at - batch.received), received: batch.received },
      ...(newest === undefined ? {} : { newest }),
      ...(file === undefined ? {} : { file }),
    };
    this.#keeping(() => log.append(entry, rows, facts));
    this.#state.apply(entry);
    if (facts && newest !== undefined) {
      this.#hear(from, newest);
      this.#tell(this.#watch.take({ body: facts, received: batch.received, newest, segment, first, out }));
    }
    if (log.roll(at)) this.#snap();
    return read;
  }

  /** Writes down what changed of a followed file without a batch. */
  file(file: FileChange): void {
    this.#write({ kind: "file", at: this.#world.now(), file });
  }

  lost(why: string, n: number): void {
    if (n > 0) this.#write({ kind: "lost", at: this.#world.now(), why, n });
  }

  /** Takes in the stream of knowledge on the shelf. @returns what is wrong with it, and then nothing of it counts */
  async learn(): Promise<Problem | undefined> {
    const { log, now, trouble } = this.#world;
    const learned = await this.knowledge.learn(now(), () => hasPast(log));
    if (!learned.ok) return learned.problem;
    for (const one of learned.value.refused) trouble(one);
    this.#watch.use(this.#rules.plans, this.networks);
    return undefined;
  }

  /** Rules as the centre answers them. @returns WGL_SENSOR_ANSWER */
  useRules(json: Uint8Array): Problem | undefined {
    this.#world.shelf.small.write("rules-next", [json]);
    return atOnce(this.#takingRules());
  }

  /** The same of an answer that lies on the shelf as "rules-next", beside live work. @returns WGL_SENSOR_ANSWER */
  takeRules(): Promise<Problem | undefined> {
    return inTurns(this.#takingRules());
  }

  *#takingRules(): InTurns<Problem | undefined> {
    const taken = yield* this.#rulesShelf.taking((rules) => this.#huntRules(rules));
    if (!taken.ok) return taken.problem;
    // in the turn in which it was noted what is new: what comes up to here is asked by a hunt, and what comes then as it comes
    this.#rules.use(taken.value);
    this.#hunts.otherRules();
    this.#watch.use(this.#rules.plans, this.networks);
    return undefined;
  }

  /** Asks as the centre answers them. @returns WGL_SENSOR_ANSWER */
  useAsks(text: string): Problem | undefined {
    const read = readAsksAnswer(text);
    if (!read.ok) return read.problem;
    if (JSON.stringify(read.value) !== JSON.stringify(this.#asks)) this.#world.shelf.small.write("asks", [text]);
    this.#asks = read.value;
    this.#hunts.heard(this.#state);
    return undefined;
  }

  /** One page of what the past is asked. @returns whether there may be more */
  async hunt(): Promise<boolean> {
    const { log, now } = this.#world;
    if (this.#hunts.isIdle(this.#state)) return false;
    const entry = await this.#hunts.turn(this.#state, now());
    if (entry === undefined) return !this.#hunts.isIdle(this.#state);
    this.#keeping(() => log.append(entry));
    this.#state.apply(entry);
    this.#hunts.done(entry);
    return !this.#hunts.isIdle(this.#state);
  }

  /** Of detectors over time, since they began. */
  get watching(): EdgeWatch["counts"] {
    return this.#watch.counts;
  }

  /** Hunts that wait or are under way. */
  get hunting(): number {
    return this.#hunts.waiting(this.#state).length;
  }

  /**
   * What is due by the clock: hours strike, counts are told, parcels are sealed, old things go.
   *
   * @param all now, whatever is due
   */
  turn(all = false): void {
    const { log, shelf, now, limits, trouble } = this.#world;
    const at = now();
    if (all || isDue(at, this.#last.tick, every.tick)) {
      this.#last.tick = at;
      this.#tell(this.#watch.tick(at));
    }
    if (all || isDue(at, this.#state.told ?? this.#last.told, every.told)) this.#tellState(at);
    sealDue(this.#state, shelf, this.#origin, (entry) => this.#write(entry), at, all);
    if (all || isDue(at, this.#last.room, every.room)) {
      this.#last.room = at;
      const emptied = makeRoom(shelf, this.#origin, limits.waitingBytes, at);
      if (emptied.length > 0) {
        this.lost("counts let go", emptied.length);
        trouble(problem("WGL_SENSOR_FULL", { parcels: emptied.length }));
      }
      if (log.roll(at)) this.#snap();
      const keep = this.#oldestNeeded();
      if (keep) log.prune(at, keep, { bytes: limits.historyBytes, days: limits.historyDays });
      shelf.parcels.forgetSent((at - limits.sentDays * 24 * 60 * minute) as Instant);
      for (const one of log.troubles()) trouble(one);
    }
    if (all || isDue(at, this.#last.saved, every.saved)) {
      this.#last.saved = at;
      this.#checkpoint(at);
    }
  }

  /** Ends it as it stands: a start goes on from here without reading much. */
  close(): void {
    this.#checkpoint(this.#world.now());
    this.#world.log.close();
  }

  #huntRules(rules: readonly string[]): void {
    const { log, now } = this.#world;
    if (hasPast(log)) this.#hunts.learned(rules, log.next, now());
  }

  /** Facts of a batch wait at most so long behind its newest; a clock that jumps is forgotten with the next checkpoint. */
  #hear(from: LogPlace, newest: number): void {
    this.#heard.push({ from, newest: newest + waitMs });
  }

  #write(entry: EdgeEntry): void {
    this.#keeping(() => this.#world.log.append(entry));
    this.#state.apply(entry);
  }

  /** A full disk: the oldest history makes room for what comes, once. */
  #keeping(work: () => void): void {
    try {
      return work();
    } catch (error) {
      const keep = this.#oldestNeeded();
      if (!(error instanceof WaglanError) || error.with["code"] !== "ENOSPC" || keep === undefined) throw error;
      const { log, now } = this.#world;
      if (log.prune(now(), keep, { bytes: log.bytes - 1, days: Number.POSITIVE_INFINITY }) === 0) throw error;
    }
    work();
  }

  #tell(noticed: readonly Noticed[]): void {
    const fresh = noticed.filter(({ id }) => !this.#state.wasNoticed(id));
    const { late, forgotten } = this.#watch.counts;
    const more = { late: late - this.#counted.late, forgotten: forgotten - this.#counted.forgotten };
    if (fresh.length === 0 && more.late <= 0 && more.forgotten <= 0) return;
    this.#counted = { late, forgotten };
    this.#write({
      ...{ kind: "found", at: this.#world.now(), out: fresh.map(({ line }) => line) },
      ...{ noticed: fresh.map(({ id }) => id), late: Math.max(0, more.late), forgotten: Math.max(0, more.forgotten) },
    });
  }

  #tellState(at: Instant): void {
    const { program, memory, log, shelf } = this.#world;
    const { counts } = this.#state;
    const { cursor } = this.knowledge;
    this.#last.told = at;
    this.#write({
      ...{ kind: "told", at },
      state: {
        state: {
          ...{ at, program, lines: counts.lines, late: counts.late, forgotten: counts.forgotten, lagMs: counts.lagMs },
          ...(cursor === undefined ? {} : { cursor }),
          ...(this.rulesVersion === "" ? {} : { rules: this.rulesVersion }),
          rejected: Object.entries(counts.rejected).map(([key, n]) => {
            const [format = "unknown", reason = ""] = key.split(" ");
            return { format, reason, n };
          }),
          lost: Object.values(counts.lost).reduce((sum, n) => sum + n, 0),
          waiting: shelf.parcels.waiting().length,
          memory: memory(),
          disk: { used: log.bytes, free: shelf.free() },
        },
      },
    });
  }

  /** What the log has up to here is in the snapshot, and need not be read again. */
  #snap(): void {
    const place = this.#world.log.end;
    this.#world.shelf.small.write("state", jsonPieces({ place, state: this.#state.save() }));
    this.#snapshot = place;
  }

  #checkpoint(at: Instant): void {
    const place = this.#world.log.end;
    const begin = this.#unheard(place);
    const saved = { version: watchVersion, place, begin, state: this.#watch.save() };
    this.#world.shelf.small.write("detectors", jsonPieces(saved));
    this.#watched = begin;
    this.#write({ kind: "checkpoint", at });
    this.#snap();
  }

  /** Where the oldest batch stands of which some facts still wait to be looked at. */
  #unheard(end: LogPlace): LogPlace {
    const { handed } = this.#watch;
    while (this.#heard[0] !== undefined && this.#heard[0].newest <= handed) this.#heard.shift();
    return this.#heard[0]?.from ?? end;
  }

  #oldestNeeded(): LogPlace | undefined {
    const [a, b] = [this.#watched, this.#snapshot];
    if (a === undefined || b === undefined) return undefined;
    return a.segment < b.segment ? a : b;
  }

  #replay(): void {
    const { shelf, log, trouble } = this.#world;
    const saved = this.#savedJson("state") as (SavedAt & { readonly state: SavedEdge }) | undefined;
    const watched = this.#savedJson("detectors") as
      | (SavedAt & { readonly version: string; readonly begin: LogPlace; readonly state: SavedWatch })
      | undefined;
    if (saved) this.#state = new EdgeState(saved.state);
    this.#watch.use(this.#rules.plans, this.networks);
    const known = watched?.version === watchVersion ? watched : undefined;
    if (known) this.#watch.restore(known.state);
    this.#snapshot = saved?.place;
    this.#watched = known?.begin;
    const { late, forgotten } = this.#watch.counts;
    this.#counted = { late, forgotten };
    const from = older(saved?.place, known?.begin);
    const noticed: Noticed[] = [];
    for (const { entry, facts, first, from: at, to } of log.entries(from)) {
      if (saved === undefined || behind(to, saved.place)) this.#state.apply(entry);
      if (entry.kind !== "batch" || facts === undefined || first === undefined || entry.newest === undefined) continue;
      const again = known !== undefined && !behind(to, known.place);
      if (again && !behind(to, known.begin)) continue;
      const { received, newest, out } = entry;
      this.#hear(at, newest);
      noticed.push(...this.#watch.take({ body: facts, received, newest, segment: at.segment, first, out }, again));
    }
    // parcels that were written, and that the log does not know of
    for (const parcel of shelf.parcels.waiting()) if (parcel.number >= this.#state.number) shelf.parcels.drop(parcel);
    for (const one of log.troubles()) trouble(one);
    this.#tell(noticed);
  }

  #savedJson(name: "state" | "detectors"): unknown {
    const bytes = this.#world.shelf.small.read(name);
    if (bytes === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // it was whole when it was renamed: the disk is wrong, and the log has it all the same
      this.#world.trouble({ code: "WGL_SENSOR_DISK", message: error.message, with: { path: name, code: "damaged" } });
      return undefined;
    }
  }

  #loadAsks(): void {
    const bytes = this.#world.shelf.small.read("asks");
    const read = bytes && readAsksAnswer(new TextDecoder().decode(bytes));
    if (read?.ok) this.#asks = read.value;
    else if (read) this.#world.trouble(read.problem);
  }
}

/** Whether there is a past by now, in which what is new is to be looked for. */
const hasPast = (log: Pick<EdgeWorld["log"], "next" | "segments">): boolean => log.next.record > 0 || log.segments > 1;

/** A clock that was put back makes everything due: nothing waits for time to come again. */
const isDue = (now: Instant, last: number, ms: number): boolean => now - last >= ms || now < last;
