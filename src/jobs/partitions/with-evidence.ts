import type { OrganisationId } from "#core/marking.ts";
import type { EvidenceLine } from "#jobs/batches/evidence-lines.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { BehavedHit } from "#jobs/findings/behaved.ts";
import type { State } from "#jobs/ports.ts";
import type { SpokenHit } from "./lane.ts";
import type { EvidenceBatch } from "./port.ts";
import type { PartitionThread } from "./thread-host.ts";

interface Reading {
  readonly state: State;
  readonly thread: PartitionThread;
  readonly directory: DirectoryMemory;
}

/** Whose hits they are, and the networks by which its records are read. */
interface Where {
  readonly organisation: OrganisationId;
  readonly networks: readonly string[];
}

/** What becomes of hits. */
export interface Evidenced {
  /** With what is shown of them, and the batch of the newest record they rest on. */
  readonly behaved: readonly (readonly [batch: number, behaved: BehavedHit])[];
  /** Ranked down to "info". */
  readonly aside: readonly SpokenHit[];
  /** More of one behaviour than are kept. */
  readonly beyond: readonly SpokenHit[];
}

/** Hits of one behaviour recorded in one transaction; those beyond are counted by day. */
const keptOfBehaviour = 500;
/** Evidence is read by people. */
const evidenceLinesKept = 5;

/** Hits with their evidence, as many of each behaviour as are kept. */
export const withEvidence = async (reading: Reading, where: Where, hits: readonly SpokenHit[]): Promise<Evidenced> => {
  if (hits.length === 0) return { behaved: [], aside: [], beyond: [] };
  const aside = hits.filter(({ severity }) => severity === "info");
  const perBehaviour = new Map<string, number>();
  const [kept, beyond]: [SpokenHit[], SpokenHit[]] = [[], []];
  for (const hit of hits) {
    if (hit.severity === "info") continue;
    const count = (perBehaviour.get(hit.behaviour) ?? 0) + 1;
    perBehaviour.set(hit.behaviour, count);
    (count > keptOfBehaviour ? beyond : kept).push(hit);
  }
  const wanted = new Map<number, Set<number>>();
  for (const { evidence } of kept)
    for (const { from, line } of evidence.slice(-evidenceLinesKept)) {
      const lines = wanted.get(Number(from)) ?? new Set();
      wanted.set(Number(from), lines.add(line));
    }
  const found = await reading.state.act((tx) => tx.partitions.evidence([...wanted.keys()]));
  const lines = await linesOf(reading, where, found, wanted);
  const batches = new Map(found.map((one) => [one.n, one]));
  const behaved = kept.map(
    (hit) => [Number(hit.evidence.at(-1)?.from ?? 0), shown(hit, reading.directory, batches, lines)] as const,
  );
  return { behaved, aside, beyond };
};

/** By batch and line: "17 4". */
type Lines = ReadonlyMap<string, EvidenceLine>;

const linesOf = async (
  { thread, directory }: Reading,
  { organisation, networks }: Where,
  batches: readonly EvidenceBatch[],
  wanted: ReadonlyMap<number, ReadonlySet<number>>,
): Promise<Lines> => {
  const tasks = batches.flatMap(({ n, body, sensor, format = directory.known.sensor(sensor)?.format, received }) =>
    body
      ? {
          ...{ batch: n, organisation, received, body, networks, lines: [...(wanted.get(n) ?? [])] },
          ...(format === undefined ? {} : { format }),
        }
      : [],
  );
  if (tasks.length === 0) return new Map();
  const read = await thread.ask({ kind: "evidence", batches: tasks });
  if (read.kind !== "evidence") return new Map();
  return new Map(read.lines.flatMap(([batch, lines]) => lines.map((one) => [`${batch} ${one.line}`, one] as const)));
};

const shown = (
  hit: SpokenHit,
  directory: DirectoryMemory,
  batches: ReadonlyMap<number, EvidenceBatch>,
  lines: Lines,
): BehavedHit => {
  const places = hit.evidence.slice(-evidenceLinesKept);
  const found = places.flatMap(({ from, line }) => lines.get(`${from} ${line}`) ?? []);
  const newest = found.at(-1);
  const last = places.at(-1);
  const batch = batches.get(Number(last?.from ?? 0));
  const key = (batch && directory.known.sensor(batch.sensor)?.key) ?? "";
  return {
    hit,
    // bodies are let go soon: what hours ago was seen is counted in the because, and its lines are in history
    evidence: {
      file: batch ? `${key}/${batch.key.slice(0, 24)}` : "",
      line: last?.line ?? 0,
      text: found.map(({ text }) => text).join("\n"),
    },
    ...(newest?.source ? { source: newest.source } : {}),
    ...(newest?.destination ? { destination: newest.destination } : {}),
    ...(newest ? { direction: newest.direction } : {}),
    behind: key === "" ? "telemetry" : key,
  };
};
