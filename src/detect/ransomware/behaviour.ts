import { hour, type Instant, minute } from "#core/instant.ts";
import {
  type Because,
  type Behaviour,
  type BehaviourHit,
  type Entity,
  type Fact,
  nothing,
  type Watch,
} from "#detect/behaviour.ts";
import { addPlace, type Place } from "#detect/evidence.ts";
import { Lately } from "#detect/lately.ts";
import { partsOf, peacefulExtensions, workExtensions } from "./paths.ts";

const settings = {
  files: {
    ...{ standard: 30, least: 5, most: 1000, unit: "count per 2 minutes" },
    why: "files of people's work that got one new ending; the fastest encrypt thousands a minute, people rename in tens",
  },
  kinds: {
    ...{ standard: 2, least: 1, most: 20, unit: "count" },
    why: "kinds of files among them: who converts photographs changes one kind",
  },
  notes: {
    ...{ standard: 5, least: 2, most: 100, unit: "count per 5 minutes" },
    why: "folders that got a file of the same new name: notes of ransom are left everywhere",
  },
  deleted: {
    ...{ standard: 200, least: 20, most: 10_000, unit: "count per 2 minutes" },
    why: "files of people's work deleted; a deployment deletes fewer, and not of work",
  },
  machines: {
    ...{ standard: 20_000, least: 100, most: 500_000, unit: "count" },
    why: "machines remembered at once; those silent longest go first",
  },
} as const;
type Values = Readonly<Record<keyof typeof settings, number>>;

/**
 * Ransomware at work on a machine or a share: files of many kinds get one new ending, notes appear in every folder, the
 * ways back are destroyed first (ATT&CK T1486, T1490, T1485).
 */
export const ransomware: Behaviour<keyof typeof settings> = {
  id: "ransomware",
  tactics: ["impact"],
  attack: ["T1486", "T1490"],
  settings,
  reads: (fact) =>
    (fact.process && waysBack.test(fact.process.command ?? "")) || (fact.file && touchesWork(fact))
      ? "whole"
      : "nothing",
  open: (values) => new RansomwareWatch(values),
};

/** What destroys the ways back; on its own it is one step, since administrators thin out copies too. */
const waysBack =
  /(?:vssadmin(?:\.exe)?"?\s+(?:delete|resize)\s+shadow|wbadmin(?:\.exe)?"?\s+delete\s+(?:catalog|systemstatebackup|backup)|bcdedit(?:\.exe)?"?\s.*recoveryenabled\s+no|wmic(?:\.exe)?"?\s+shadowcopy\s+delete|win32_shadowcopy.*(?:delete|remove)|diskshadow(?:\.exe)?"?\s.*delete\s+shadows)/i;

interface Change {
  readonly at: number;
  readonly ending: string;
  readonly kind: string;
}

interface Machine {
  /** Files of work that got a new ending, newest last. */
  readonly changed: Change[];
  /** New small files by name: folders and when. */
  readonly notes: [name: string, at: number, folder: string][];
  readonly deleted: number[];
  /** When a way back was destroyed. */
  destroyed: number;
  evidence: Place[];
  readonly spoken: Record<string, number>;
}

interface Saved {
  readonly machines: readonly (readonly [string, Machine])[];
  readonly forgotten: number;
}

const kept = 1024;
const quiet = 6 * hour;
const noteEndings: ReadonlySet<string> = new Set(["txt", "html", "htm", "hta", "rtf", "bmp", "url", "md"]);

class RansomwareWatch implements Watch {
  readonly #values: Values;
  readonly #machines: Lately<Machine>;

  constructor(values: Values) {
    this.#values = values;
    this.#machines = new Lately(values.machines);
  }

  take(fact: Fact): readonly BehaviourHit[] {
    const name = fact.host ?? fact.source?.address;
    if (name === undefined) return nothing;
    if (fact.process && waysBack.test(fact.process.command ?? "")) {
      const machine = this.#known(name);
      machine.destroyed = fact.at;
      addPlace(machine, fact);
      return this.#say(machine, name, fact, "ways-back", 0.6, fact.at, [
        { says: "ransomware.ways-back", with: { host: name, command: shortCommand(fact.process.command ?? "") } },
      ]);
    }
    if (!fact.file) return nothing;
    const machine = this.#known(name);
    return [
      ...this.#endings(machine, name, fact),
      ...this.#left(machine, name, fact),
      ...this.#gone(machine, name, fact),
    ];
  }

  pass(): readonly BehaviourHit[] {
    return nothing;
  }

  save(): Saved {
    return { machines: [...this.#machines], forgotten: this.#machines.forgotten };
  }

  restore(saved: unknown): void {
    const { machines, forgotten } = structuredClone(saved as Saved);
    this.#machines.restore(machines, forgotten);
  }

  forgotten(): number {
    return this.#machines.forgotten;
  }

  #known(name: string): Machine {
    const known = this.#machines.use(name);
    if (known !== undefined) return known;
    const machine: Machine = {
      ...{ changed: [], notes: [], deleted: [], destroyed: 0, evidence: [], spoken: {} },
    };
    this.#machines.add(name, machine);
    return machine;
  }

  #endings(machine: Machine, name: string, fact: Fact): readonly BehaviourHit[] {
    const change = newEnding(fact);
    if (!change) return nothing;
    machine.changed.push(change);
    addPlace(machine, fact);
    while (machine.changed.length > kept || (machine.changed[0]?.at ?? fact.at) <= fact.at - 2 * minute)
      machine.changed.shift();
    if (machine.changed.length < this.#values.files) return nothing;
    const same = machine.changed.filter(({ ending }) => ending === change.ending);
    const kinds = new Set(same.map(({ kind }) => kind)).size;
    // some give each file an ending of its own
    const [files, ending] =
      same.length >= this.#values.files
        ? [same, change.ending]
        : machine.changed.length >= 3 * this.#values.files
          ? [machine.changed, "*"]
          : [[], ""];
    if (files.length === 0 || (ending !== "*" && kinds < this.#values.kinds)) return nothing;
    return this.#say(machine, name, fact, "endings", 0.95, files[0]?.at ?? fact.at, [
      { says: "ransomware.endings", with: { host: name, count: files.length, ending } },
      ...this.#alsoDestroyed(machine, fact),
    ]);
  }

  #left(machine: Machine, name: string, fact: Fact): readonly BehaviourHit[] {
    if (fact.file?.act !== "create") return nothing;
    const parts = partsOf(fact.file.path);
    if (!noteEndings.has(parts.extension)) return nothing;
    machine.notes.push([parts.name, fact.at, parts.folder]);
    while (machine.notes.length > kept || (machine.notes[0]?.[1] ?? fact.at) <= fact.at - 5 * minute)
      machine.notes.shift();
    const folders = new Set(machine.notes.filter(([one]) => one === parts.name).map(([, , folder]) => folder)).size;
    // without anything else it may be a readme of a package that is being unpacked
    const telling =
      /(?:restor|recover|decrypt|how[-_ ]?to|ransom|unlock|instruct|files?[-_ ]?back|read[-_ ]?(?:me|it)[-_ !#].|[!#_]read)/.test(
        parts.name,
      );
    if (folders < this.#values.notes * (telling ? 1 : 6)) return nothing;
    if (!telling && machine.changed.length === 0) return nothing;
    addPlace(machine, fact);
    const first = machine.notes.find(([one]) => one === parts.name)?.[1] ?? fact.at;
    return this.#say(machine, name, fact, "notes", 0.9, first, [
      { says: "ransomware.notes", with: { host: name, count: folders, file: parts.name } },
      ...this.#alsoDestroyed(machine, fact),
    ]);
  }

  #gone(machine: Machine, name: string, fact: Fact): readonly BehaviourHit[] {
    if (fact.file?.act !== "delete" || !workExtensions.has(partsOf(fact.file.path).extension)) return nothing;
    machine.deleted.push(fact.at);
    while (machine.deleted.length > kept * 4 || (machine.deleted[0] ?? fact.at) <= fact.at - 2 * minute)
      machine.deleted.shift();
    if (machine.deleted.length < this.#values.deleted) return nothing;
    // a tidy-up deletes as much; with the ways back gone it is no tidy-up
    if (machine.destroyed < fact.at - hour || machine.destroyed === 0) return nothing;
    return this.#say(machine, name, fact, "deleted", 0.9, machine.deleted[0] ?? fact.at, [
      { says: "ransomware.deleted", with: { host: name, count: machine.deleted.length } },
      ...this.#alsoDestroyed(machine, fact),
    ]);
  }

  #alsoDestroyed(machine: Machine, fact: Fact): readonly Because[] {
    return machine.destroyed > fact.at - hour && machine.destroyed > 0
      ? [{ says: "ransomware.before", with: { minutes: Math.round((fact.at - machine.destroyed) / minute) } }]
      : [];
  }

  #say(
    machine: Machine,
    name: string,
    fact: Fact,
    what: string,
    score: number,
    first: number,
    because: readonly Because[],
  ): readonly BehaviourHit[] {
    const step = what === "ways-back";
    // files that change and notes that appear are one attack
    const key = step ? what : "attack";
    const before = machine.spoken[key];
    machine.spoken[key] = fact.at;
    if (before !== undefined && before > fact.at - quiet) return nothing;
    const entities: Entity[] = [
      fact.host === undefined ? { kind: "address", value: name } : { kind: "host", value: name },
      ...(fact.host !== undefined && fact.source ? [{ kind: "address" as const, value: fact.source.address }] : []),
    ];
    return [
      {
        behaviour: ransomware.id,
        time: fact.at,
        first: first as Instant,
        last: fact.at,
        entities,
        problem: { type: step ? "system-compromise" : "sabotage", about: step ? "" : "ransomware" },
        severity: step ? "medium" : "critical",
        certainty: step ? "possible" : because.length > 1 ? "almost-certain" : "likely",
        score,
        attack: step ? ["T1490"] : ["T1486"],
        because,
        evidence: [...machine.evidence],
      },
    ];
  }
}

/** A file of people's work that got an ending which is none of work: by renaming, or as a new file beside the old one. */
const newEnding = ({ at, file }: Fact): Change | undefined => {
  if (!file) return undefined;
  if (file.act === "rename" && file.to !== undefined) {
    const [old, now] = [partsOf(file.path), partsOf(file.to)];
    if (now.extension === old.extension || !workExtensions.has(old.extension)) return undefined;
    if (workExtensions.has(now.extension) || peacefulExtensions.has(now.extension) || now.extension === "")
      return undefined;
    return { at, ending: now.extension, kind: old.extension };
  }
  if (file.act !== "create" && file.act !== "rename") return undefined;
  const made = partsOf(file.path);
  if (!workExtensions.has(made.inner) || workExtensions.has(made.extension) || peacefulExtensions.has(made.extension))
    return undefined;
  return { at, ending: made.extension, kind: made.inner };
};

/** A file that may be encrypted, left as a note, or deleted. */
const touchesWork = (fact: Fact): boolean => {
  if (!fact.file || fact.file.act === "write" || fact.file.act === "read") return false;
  const { extension } = partsOf(fact.file.path);
  if (fact.file.act === "delete") return workExtensions.has(extension);
  return newEnding(fact) !== undefined || (fact.file.act === "create" && noteEndings.has(extension));
};

const shortCommand = (command: string): string => (command.length > 120 ? `${command.slice(0, 119)}…` : command);
