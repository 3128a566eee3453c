import { hour, type Instant, minute, second } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { type Networks, networks } from "#detect/networks.ts";
import { behaviours } from "#detect/behaviours.ts";
import { type BehavedHit, behavedAside, behaviourSource, claimBehaved } from "#jobs/findings/behaved.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import { homeOf } from "#jobs/community/home-networks.ts";
import { livePlans } from "#jobs/lists/live-plans.ts";
import type { SpokenHit } from "./lane.ts";
import { CheckpointPace } from "./checkpoint-pace.ts";
import type { FactsTask, PartitionAround, PartitionResult, PartitionSays } from "./messages.ts";
import type { PartitionThread } from "./thread-host.ts";
import { partitionVersion, readableVersions } from "./state.ts";
import type { FactsRow, Held } from "./port.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { type Community, recordHits } from "#jobs/findings/record-hits.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import { withEvidence } from "./with-evidence.ts";

export interface Partitioning {
  readonly state: State;
  readonly thread: PartitionThread;
  readonly directory: DirectoryMemory;
  readonly community: Community;
  readonly rules: Pick<RuleMemory, "texts" | "packs">;
  /** Known harmless: what goes there is ranked down. Another object when it changed. */
  readonly exclusions?: () => PartitionAround["exclusions"];
  /** Names this process among those that share the database; another one at every start. */
  readonly holder: string;
  readonly now: () => Instant;
  /** What was wrong and goes on; told once each. */
  readonly trouble?: (why: Problem) => void;
}

/** A lease is renewed three times in its life; one that ends is a process that stands still or is no more. */
export const leaseMs = 20 * second;
/** Batches read in one transaction: few enough that hits are not late, enough that a backlog is not one by one. */
const batchesAtOnce = 16;
/** Partitions taken over in one turn, so that several processes that start together share them. */
const leasedAtOnce = 4;
const tickEveryMs = minute;
/** Sensors post every few seconds where there is something to do: when none did for so long, it is quiet. */
const quietMs = 10_000;
/** A partition in which nothing happens is let go: another may take it over, and its memory comes free. */
const idleMs = 10 * minute;
interface Running {
  readonly held: Held;
  readonly networks: string;
  readonly own: Networks;
  readonly pace: CheckpointPace;
  taken: number;
  struck: Instant;
  /** Something happened that no checkpoint has. */
  dirty: boolean;
  tickedAt: Instant;
  busyAt: Instant;
  says: PartitionSays;
  problem?: Problem;
}

/**
 * The partitions that this process holds: facts go through the detectors over time of their organisation in the order in
 * which they were read, hits are recorded in the transaction that says so. What is lost when a process dies is memory
 * alone: the next one goes on from the checkpoint, reads what came since in the same order, and says the same again,
 * which changes nothing.
 */
export class Partitions {
  readonly #with: Partitioning;
  readonly #running = new Map<OrganisationId, Running>();
  #plans = -1;
  /** When the facts came after which the thread was last told to rest. */
  #restedAfter = Number.NEGATIVE_INFINITY;

  constructor(partitioning: Partitioning) {
    this.#with = partitioning;
  }

  get held(): readonly OrganisationId[] {
    return [...this.#running.keys()];
  }

  /** One piece of work on each partition. @returns whether there may be more at once, and whether findings were opened */
  async turn(): Promise<{ readonly more: boolean; readonly opened: number }> {
    await this.#hear();
    let more = await this.#lease();
    let opened = 0;
    for (const organisation of this.held) {
      try {
        const did = await this.#step(organisation);
        more ||= did.more;
        opened += did.opened;
      } catch (error) {
        await this.#lose(organisation);
        if (!(error instanceof WaglanError && error.code === "WGL_PARTITION_LOST")) throw error;
      }
    }
    if (this.#running.size === 0 && this.#with.thread.running) await this.#with.thread.close();
    else this.#rest();
    return { more, opened };
  }

  /** Tells the thread, once, that nobody sends anything for now. */
  #rest(): void {
    const last = Math.max(...[...this.#running.values()].map(({ busyAt }) => busyAt));
    if (last === this.#restedAfter || this.#with.now() - last < quietMs) return;
    this.#with.thread.rest();
    this.#restedAfter = last;
  }

  /** To be called several times within `leaseMs`, whatever else goes on. */
  async renew(): Promise<void> {
    const { state, holder } = this.#with;
    const claims = [...this.#running.values()].map(({ held }) => held);
    if (claims.length === 0) return;
    const ours = await state.act((tx) => tx.partitions.renew(holder, claims, leaseMs));
    for (const { organisation, fence } of claims)
      if (!ours.has(organisation) && this.#running.get(organisation)?.held.fence === fence)
        await this.#lose(organisation);
  }

  /** Checkpoints what it holds and lets go. */
  async close(): Promise<void> {
    const { state, holder, thread } = this.#with;
    for (const [organisation, running] of this.#running)
      try {
        if (running.dirty) await this.#commit(organisation, running, { save: true });
        await state.act((tx) => tx.partitions.release(holder, [running.held]));
      } catch (error) {
        // whoever has it goes on from the checkpoint before
        if (!(error instanceof WaglanError)) throw error;
      }
    this.#running.clear();
    await thread.close();
  }

  /** What the thread looks at as it is now. */
  async #hear(): Promise<void> {
    const { state, thread, rules, exclusions } = this.#with;
    const { version, decisions } = rules.texts;
    const shadows = await state.act((tx) => tx.rules.shadows(behaviours.map(({ id }) => behaviourSource(id))));
    const lists = exclusions?.();
    thread.hear({
      speaking: behaviours.map(({ id }) => id).filter((id) => shadows.get(behaviourSource(id)) === false),
      ...(this.#plans === version ? {} : { plans: livePlans(rules.packs, decisions, version) }),
      ...(lists ? { exclusions: lists } : {}),
    });
    this.#plans = version;
  }

  async #lease(): Promise<boolean> {
    const { state, holder, now } = this.#with;
    const due = Math.floor((now() - 2 * hour) / hour) * hour;
    const leased = await state.act((tx) =>
      tx.partitions.lease(holder, leaseMs, Math.max(0, due) as Instant, leasedAtOnce),
    );
    for (const held of leased)
      try {
        await this.#open(held);
      } catch (error) {
        await this.#lose(held.organisation, held);
        throw error;
      }
    return leased.length > 0;
  }

  async #open(held: Held): Promise<void> {
    const { thread, directory, now } = this.#with;
    const { organisation } = held;
    const own = homeOf(directory.known.directory, organisation, now());
    const readable = readableVersions.has(held.version);
    const opened = await thread.ask({
      ...{ kind: "open", organisation, networks: own },
      ...(held.checkpoint && readable ? { checkpoint: held.checkpoint } : {}),
    });
    const at = now();
    const says = saysOf(opened);
    const running: Running = {
      ...{ held, networks: own.join(), own: networks(own), taken: held.taken, pace: new CheckpointPace(at) },
      ...{ struck: held.struck, dirty: held.taken > held.checkpointed, tickedAt: at, busyAt: at, says },
    };
    const why =
      held.checkpoint && !readable
        ? problem("WGL_PARTITION_STATE", {
            organisation,
            reason: `version ${held.version}, wanted ${partitionVersion}`,
          })
        : says.problem;
    this.#running.set(organisation, running);
    if (why) this.#trouble(running, why);
    await this.#again(running);
  }

  /** What was read since the checkpoint, once more and in the same order. */
  async #again(running: Running): Promise<void> {
    const { organisation, checkpointed } = running.held;
    for (let after = checkpointed; after < running.taken; ) {
      const rows = await this.#with.state.act((tx) => tx.partitions.again(organisation, after, batchesAtOnce));
      const last = rows.at(-1);
      // what is gone belonged to a sensor that is no more
      if (!last) break;
      await this.#take(running, rows);
      await this.#commit(organisation, running, { hits: running.says.hits });
      after = last.taken;
    }
  }

  async #step(organisation: OrganisationId): Promise<{ readonly more: boolean; readonly opened: number }> {
    const { state, directory, now } = this.#with;
    const running = this.#running.get(organisation);
    if (!running) return { more: false, opened: 0 };
    if (homeOf(directory.known.directory, organisation, now()).join() !== running.networks) {
      // other networks are other directions: the same state, opened anew
      if (running.dirty) await this.#commit(organisation, running, { save: true });
      await this.#lose(organisation);
      return { more: true, opened: 0 };
    }
    const rows = await state.act((tx) => tx.partitions.fresh(organisation, batchesAtOnce));
    let opened = 0;
    const at = now();
    if (rows.length > 0) {
      await this.#take(running, rows);
      if (running.says.problem) this.#trouble(running, running.says.problem);
      opened = await this.#commit(organisation, running, {
        hits: running.says.hits,
        took: rows.map(({ batch }) => batch),
      });
      running.dirty = true;
      running.busyAt = at;
    } else if (at - running.tickedAt >= tickEveryMs) opened = await this.#tick(organisation, running, at);
    if (running.dirty && running.pace.isDue(at)) await this.#commit(organisation, running, { save: true });
    if (rows.length === 0 && at - running.busyAt > idleMs && running.says.counts.waiting === 0) {
      if (running.dirty) await this.#commit(organisation, running, { save: true });
      await this.#lose(organisation);
    }
    return { more: rows.length === batchesAtOnce, opened };
  }

  /** Facts go through the detectors. */
  async #take(running: Running, rows: readonly FactsRow[]): Promise<void> {
    const { organisation } = running.held;
    const { thread, now } = this.#with;
    const began = now();
    running.says = saysOf(await thread.ask({ kind: "take", organisation, rows: this.#tasks(rows) }));
    running.pace.worked(now() - began);
  }

  /** What our own clock decides is saved with it: a restart would decide at another time. */
  async #tick(organisation: OrganisationId, running: Running, at: Instant): Promise<number> {
    const before = JSON.stringify([running.says.counts, running.says.through]);
    running.tickedAt = at;
    running.says = saysOf(await this.#with.thread.ask({ kind: "tick", organisation, now: at }));
    if (running.says.problem) this.#trouble(running, running.says.problem);
    const struck = Math.floor((at - hour) / hour) * hour;
    const news = struck > running.struck || JSON.stringify([running.says.counts, running.says.through]) !== before;
    if (!news && running.says.hits.length === 0) return 0;
    running.struck = Math.max(running.struck, struck) as Instant;
    return this.#commit(organisation, running, { hits: running.says.hits, save: true });
  }

  /** One transaction, and none when the partition is another's by now. @returns findings opened */
  async #commit(
    organisation: OrganisationId,
    running: Running,
    did: {
      readonly hits?: readonly SpokenHit[];
      readonly took?: readonly number[];
      readonly save?: boolean;
    },
  ): Promise<number> {
    const { state, thread, holder, now, community } = this.#with;
    const began = now();
    const saved = did.save ? await thread.ask({ kind: "save", organisation }) : undefined;
    const at = now();
    const tookMs = at - began;
    const where = { organisation, networks: running.networks.split(",") };
    const { behaved, aside, beyond } = await withEvidence(this.#with, where, did.hits ?? []);
    const { counts, through, clocks } = running.says;
    const taken = running.taken + (did.took?.length ?? 0);
    const opened = await state.act(async (tx) => {
      if (!(await tx.partitions.holds(holder, running.held)))
        throw new WaglanError("WGL_PARTITION_LOST", { organisation });
      const found = await record(tx, community, { organisation, own: running.own }, behaved, at);
      if (did.took) {
        await tx.partitions.took(organisation, did.took, running.taken + 1);
        // told again when it is read again, and counted once
        await tx.incidents.background([
          ...behavedAside(organisation, aside, "informational"),
          ...behavedAside(organisation, beyond, "beyond"),
        ]);
      }
      await tx.partitions.note(organisation, counts, through, running.problem);
      await tx.partitions.clocks(clocks.filter(({ sensor }) => this.#with.directory.known.sensor(sensor)));
      if (saved?.kind === "saved")
        await tx.partitions.checkpoint(
          organisation,
          { taken, body: saved.body, version: partitionVersion, struck: running.struck, tookMs },
          at,
        );
      return found;
    });
    running.taken = taken;
    if (saved?.kind === "saved") {
      running.dirty = false;
      running.pace.saved(at, tookMs, saved.body.length);
    }
    return opened;
  }

  #tasks(rows: readonly FactsRow[]): readonly FactsTask[] {
    return rows.map(({ batch, sensor, received, newest, body, said }) => ({
      ...{ batch, sensor, received, newest, body, said },
      key: this.#with.directory.known.sensor(sensor)?.key ?? sensor,
    }));
  }

  #trouble(running: Running, why: Problem): void {
    if (running.problem?.message === why.message) return;
    running.problem = why;
    this.#with.trouble?.(why);
  }

  /** Forgets a partition that is not ours, or of which the memory and the store no longer agree. */
  async #lose(organisation: OrganisationId, held = this.#running.get(organisation)?.held): Promise<void> {
    const { state, thread, holder } = this.#with;
    this.#running.delete(organisation);
    if (held) await state.act((tx) => tx.partitions.release(holder, [held]));
    if (thread.running) await thread.ask({ kind: "drop", organisation });
  }
}

/** By batch, since a hit is of the batch that brought the newest record it rests on. */
const record = async (
  tx: Tx,
  community: Community,
  at: { readonly organisation: OrganisationId; readonly own: Networks },
  behaved: readonly (readonly [batch: number, behaved: BehavedHit])[],
  now: Instant,
): Promise<number> => {
  if (behaved.length === 0) return 0;
  const claimed = await claimBehaved(
    tx,
    { community },
    at,
    behaved.map(([, one]) => one),
  );
  let opened = 0;
  for (const [batch, group] of Map.groupBy(claimed, (_, n) => behaved[n]?.[0] ?? 0))
    opened += (await recordHits(tx, group, batch === 0 ? undefined : batch, community, now)).opened.length;
  return opened;
};

const saysOf = (result: PartitionResult): PartitionSays => {
  if (result.kind !== "says") throw new Error(`waglan is wrong: a partition answered ${result.kind}`);
  return result.says;
};
