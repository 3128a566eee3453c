import { everyText, type Fields, firstOf, type Getter, textOfValue, textsOfValue } from "./record.ts";

/** What a field of the record at hand is. */
export const slotKinds = { absent: 0, empty: 1, text: 2, texts: 3, other: 4 } as const;

/**
 * The fields that the rules of one program ask for, read at most once per record and lowered at most once. Everything is
 * in arrays by slot, so that a record costs no objects.
 */
export interface Slots {
  /** The slot of a Sigma field, made when it is new; only while rules are compiled. */
  readonly of: (field: string) => number;
  readonly size: () => number;
  /** A new record. Whoever opens it gives the values of its own keys too, by `byKey` and `put`. */
  readonly open: (fields: Fields, raw: string | undefined) => void;
  /** The slot that is read from this key and from nothing else; all other slots are read when they are asked for. */
  readonly byKey: (key: string) => number | undefined;
  readonly isKeyed: (slot: number) => boolean;
  readonly put: (slot: number, value: unknown) => number;
  /** `slotKinds` of a slot: null is empty, an object or an empty list other. */
  readonly kind: (slot: number) => number;
  /** Of a slot of kind text; as written, in lower case. */
  readonly text: (slot: number) => string;
  readonly lower: (slot: number) => string;
  /** Of a slot of kind texts. */
  readonly texts: (slot: number) => readonly string[];
  readonly lowers: (slot: number) => readonly string[];
  /** Tells the lower case of a slot's text, from one who has it already. */
  readonly knowLower: (slot: number, lower: string) => void;
  /** Every text of the record and its raw line. */
  readonly everywhere: () => readonly string[];
  readonly everywhereLower: () => readonly string[];
}

/** Sigma's field name → paths in the record (telemetry/format.ts, `RuleView`). */
export type Names = Readonly<Record<string, string | readonly string[]>>;

export const openSlots = (names: Names): Slots => {
  const numbers = new Map<string, number>();
  const getters: Getter[] = [];
  const read: number[] = [];
  const kinds: number[] = [];
  const texts: string[] = [];
  const lowered: number[] = [];
  const lowers: string[] = [];
  const lists: (readonly string[])[] = [];
  const lowerLists: (readonly string[])[] = [];
  let fields: Fields = {};
  let raw: string | undefined;
  let epoch = 0;
  let everywhere: readonly string[] | undefined;
  let everywhereLower: readonly string[] | undefined;

  /** Slots by the one key they are read from; a key that two fields are read from is the first one's. */
  const keyed = new Map<string, number>();
  const isKeyed: boolean[] = [];

  const fill = (slot: number): number =>
    isKeyed[slot] === true ? slotKinds.absent : put(slot, getters[slot]?.(fields));

  const put = (slot: number, value: unknown): number => {
    read[slot] = epoch;
    if (typeof value === "string") {
      texts[slot] = value;
      return (kinds[slot] = slotKinds.text);
    }
    if (value === undefined) return (kinds[slot] = slotKinds.absent);
    if (value === null) return (kinds[slot] = slotKinds.empty);
    const text = textOfValue(value);
    if (text !== undefined) {
      texts[slot] = text;
      return (kinds[slot] = slotKinds.text);
    }
    const several = textsOfValue(value);
    if (several.length === 0) return (kinds[slot] = slotKinds.other);
    lists[slot] = several;
    return (kinds[slot] = slotKinds.texts);
  };

  return {
    of: (field) => {
      const known = numbers.get(field);
      if (known !== undefined) return known;
      const slot = getters.length;
      numbers.set(field, slot);
      const named = Object.hasOwn(names, field) ? names[field] : undefined;
      const paths = named === undefined ? [field] : typeof named === "string" ? [named] : named;
      const [path = field] = paths;
      const alone = paths.length === 1 && !path.includes(".") && !keyed.has(path);
      if (alone) keyed.set(path, slot);
      isKeyed.push(alone);
      getters.push(firstOf(paths));
      read.push(0);
      kinds.push(0);
      texts.push("");
      lowered.push(0);
      lowers.push("");
      lists.push([]);
      lowerLists.push([]);
      return slot;
    },
    size: () => getters.length,
    open: (record, line) => {
      fields = record;
      raw = line;
      epoch++;
      everywhere = undefined;
      everywhereLower = undefined;
    },
    byKey: (key) => keyed.get(key),
    isKeyed: (slot) => isKeyed[slot] === true,
    put,
    kind: (slot) => (read[slot] === epoch ? (kinds[slot] ?? 0) : fill(slot)),
    text: (slot) => texts[slot] ?? "",
    lower: (slot) => {
      if (lowered[slot] !== epoch) {
        lowered[slot] = epoch;
        lowers[slot] = (texts[slot] ?? "").toLowerCase();
      }
      return lowers[slot] ?? "";
    },
    texts: (slot) => lists[slot] ?? [],
    lowers: (slot) => {
      if (lowered[slot] !== epoch) {
        lowered[slot] = epoch;
        lowerLists[slot] = (lists[slot] ?? []).map((text) => text.toLowerCase());
      }
      return lowerLists[slot] ?? [];
    },
    knowLower: (slot, lower) => {
      lowered[slot] = epoch;
      lowers[slot] = lower;
    },
    everywhere: () => (everywhere ??= raw === undefined ? everyText(fields) : [...everyText(fields), raw]),
    everywhereLower: () =>
      (everywhereLower ??= (everywhere ??= raw === undefined ? everyText(fields) : [...everyText(fields), raw]).map(
        (text) => text.toLowerCase(),
      )),
  };
};
