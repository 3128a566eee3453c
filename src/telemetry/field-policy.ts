import { unescapeColumn } from "./column.ts";
import type { FieldPolicy } from "./format.ts";
import { secretsIn, withheld, withoutSecrets } from "./secrets.ts";

/** Keyed per deployment, so that equal values stay comparable here and mean nothing elsewhere. */
export type KeyedHash = (value: string) => string;

/**
 * What may be stored of a record: each path of `policy` that is present is hashed or left out; the rest is the same.
 * A path names a key as it stands ("id.orig_h") or, dot by dot, a key of a nested object ("http.cookie"); objects in
 * arrays are walked through. "smtp/subject" names the field in records of one event only (elsewhere "subject" is a
 * certificate's). A hashed list stays a list; a hashed object becomes one hash.
 *
 * @param event of the record; when it is not given, every path applies: too much is hidden, never too little
 * @returns `fields` itself when the policy touches nothing in it
 */
export const applyPolicy = (
  fields: Readonly<Record<string, unknown>>,
  policy: FieldPolicy,
  hash: KeyedHash,
  event?: string,
): Readonly<Record<string, unknown>> => keptOf(fields, planFor(policy, event), hash);

const keptOf = (
  fields: Readonly<Record<string, unknown>>,
  { byFirst, paths }: Plan,
  hash: KeyedHash,
): Readonly<Record<string, unknown>> => {
  // most records have none of the keys at which a path may begin
  let some = 0;
  let only = -1;
  for (const key in fields) {
    const begun = byFirst.get(key);
    if (begun === undefined) continue;
    some += begun.length;
    [only = -1] = begun;
  }
  if (some === 0) return fields;
  let kept: Readonly<Record<string, unknown>> = fields;
  const [alone] = some === 1 ? paths.slice(only, only + 1) : [];
  if (alone !== undefined) return along(kept, alone, hash);
  for (const path of paths) kept = along(kept, path, hash);
  return kept;
};

export { withheld } from "./secrets.ts";

/**
 * The line as it may be kept and shown: the evidence obeys the policy as the fields do. A line the policy does not
 * touch is returned byte for byte; JSON is written anew; in a text line every column (tab-separated logs) or every word
 * (all others) that holds a touched value is blanked (`withheld`) or hashed. A value that cannot be found again in the
 * line withholds the whole line, since too little evidence costs a question and too much a secret.
 *
 * @param fields what `parse` read from this very line, before the policy
 */
export const policyText = (
  line: string,
  fields: Readonly<Record<string, unknown>>,
  policy: FieldPolicy,
  hash: KeyedHash,
  event?: string,
): string => {
  const plan = planFor(policy, event);
  const kept = keptOf(fields, plan, hash);
  if (/^\s*[[{]/.test(line)) return kept === fields && !hides(line, fields, plan) ? line : JSON.stringify(kept);
  if (kept === fields) return line;
  const values = touched(fields, plan.paths);
  return columnsText(line, values, hash) ?? wordsText(line, values, hash) ?? withheld;
};

type Act = FieldPolicy[string];

/** A path of a policy, taken apart once. */
interface Path {
  readonly path: string;
  readonly act: Act;
  /** At each of its dots: the key before it, and the path behind it. */
  readonly steps: readonly { readonly key: string; readonly rest: Path }[];
}

/** The paths that bind the records of one kind. */
interface Plan {
  readonly paths: readonly Path[];
  /** By every key at which a path may begin: the places of those paths in `paths`. */
  readonly byFirst: ReadonlyMap<string, readonly number[]>;
  /** Finds in JSON text what may be a policy's key, from `lastIndex` on: its last name, or an escape by which it could be written. */
  readonly named: RegExp;
}

/**
 * Whether JSON text may hold a policy's key that `fields` lacks: of a key written twice the parser keeps the last, with all that is
 * in it, and a key may be written with escapes. A name that stands in the text once, and in `fields` as a key, hides nothing.
 *
 * @param fields read from the line, and the policy touches nothing in them
 */
const hides = (line: string, fields: Readonly<Record<string, unknown>>, { named }: Plan): boolean => {
  named.lastIndex = 0;
  let seen: string[] | undefined;
  for (let found = named.exec(line); found; found = named.exec(line)) {
    const [text] = found;
    const name = text.slice(1, -1);
    if (text.startsWith("\\") || seen?.includes(name) || !hasKey(fields, name)) return true;
    (seen ??= []).push(name);
    // the quote behind it may begin the next one
    named.lastIndex--;
  }
  return false;
};

/** Whether some object in it has the key. */
const hasKey = (value: unknown, key: string): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => hasKey(item, key));
  if (Object.hasOwn(value, key)) return true;
  for (const name in value) if (hasKey((value as Readonly<Record<string, unknown>>)[name], key)) return true;
  return false;
};

const pathOf = (path: string, act: Act): Path => {
  const steps: { key: string; rest: Path }[] = [];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1))
    steps.push({ key: path.slice(0, dot), rest: pathOf(path.slice(dot + 1), act) });
  return { path, act, steps };
};

interface Plans {
  /** Events that some path names: of all others one plan is made, for their names are a stranger's. */
  readonly named: ReadonlySet<string>;
  readonly made: Map<string | undefined, Plan>;
}

const plans = new WeakMap<FieldPolicy, Plans>();
const another = "/";

/** The paths that bind a record of `event`, the event's name taken off; made once, for a line costs less than they do. */
const planFor = (policy: FieldPolicy, event: string | undefined): Plan => {
  let known = plans.get(policy);
  if (known === undefined) {
    const named = Object.keys(policy).flatMap((path) => (path.includes("/") ? [path.slice(0, path.indexOf("/"))] : []));
    plans.set(policy, (known = { named: new Set(named), made: new Map() }));
  }
  const { named, made } = known;
  const own = event === undefined || named.has(event) ? event : another;
  let plan = made.get(own);
  if (plan === undefined) made.set(own, (plan = planOf(policy, own)));
  return plan;
};

const planOf = (policy: FieldPolicy, event: string | undefined): Plan => {
  const paths: Path[] = [];
  for (const [path, act] of Object.entries(policy)) {
    const slash = path.indexOf("/");
    if (slash < 0 || event === undefined || path.slice(0, slash) === event)
      paths.push(pathOf(path.slice(slash + 1), act));
  }
  const byFirst = new Map<string, number[]>();
  for (const [place, { path, steps }] of paths.entries())
    for (const key of [path, ...steps.map((step) => step.key)]) byFirst.set(key, [...(byFirst.get(key) ?? []), place]);
  // what stands below a key that is written twice: the rest of the path, which may hold dots as it stands
  const last = new Set(
    paths.flatMap(({ path, steps }) => (steps.length === 0 ? [path] : steps.map(({ rest }) => rest.path))).map(literal),
  );
  const keys = last.size === 0 ? "" : `|"(?:${[...last].toSorted().join("|")})"`;
  return { paths, byFirst, named: new RegExp(String.raw`\\u00${keys}`, "g") };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `value` with the policy done at `path` below it; the same reference when nothing was there. */
const along = <T>(value: T, path: Path, hash: KeyedHash): T => {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => along(item, path, hash));
    return items.some((item, i) => item !== value[i]) ? (items as T) : value;
  }
  if (!isObject(value)) return value;
  const { act, path: name } = path;
  let kept: Readonly<Record<string, unknown>> = value;
  if (Object.hasOwn(value, name)) {
    const own = act === "drop" ? undefined : act === "hash" ? hashed(value[name], hash) : unsecret(value[name]);
    if (own !== value[name]) kept = changed(kept, name, own);
  }
  for (const { key, rest } of path.steps) {
    if (!Object.hasOwn(kept, key)) continue;
    const inner = along(kept[key], rest, hash);
    if (inner !== kept[key]) kept = changed(kept, key, inner);
  }
  return kept as T;
};

/** A copy without a prototype, `key` set anew or (undefined) left out, the other keys in their order. */
const changed = (
  fields: Readonly<Record<string, unknown>>,
  key: string,
  value: unknown,
): Readonly<Record<string, unknown>> => {
  const copy: Record<string, unknown> = Object.create(null);
  for (const [name, old] of Object.entries(fields)) {
    if (name !== key) copy[name] = old;
    else if (value !== undefined) copy[name] = value;
  }
  return copy;
};

const hashed = (value: unknown, hash: KeyedHash): unknown => {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => hashed(item, hash));
  return hash(typeof value === "string" ? value : JSON.stringify(value));
};

/** Text, and texts of a list, without their secrets; the same reference when there were none. */
const unsecret = (value: unknown): unknown => {
  if (typeof value === "string") return withoutSecrets(value);
  if (!Array.isArray(value)) return value;
  const items = value.map(unsecret);
  return items.some((item, i) => item !== value[i]) ? items : value;
};

/** The values the policy touches, as text, and what is to be done with each; "drop" wins where both are said. */
const touched = (fields: Readonly<Record<string, unknown>>, paths: readonly Path[]): ReadonlyMap<string, Act> => {
  const found = new Map<string, Act>();
  const note = (value: unknown, act: Act): void => {
    if (Array.isArray(value)) for (const item of value) note(item, act);
    else if (isObject(value)) for (const item of Object.values(value)) note(item, act);
    else if (value !== null && value !== "" && stronger(act, found.get(String(value)))) found.set(String(value), act);
  };
  for (const path of paths) noteAt(fields, path, note);
  for (const [value, act] of found) if (act === "secrets" && withoutSecrets(value) === value) found.delete(value);
  return found;
};

const strength: Readonly<Record<Act, number>> = { secrets: 1, hash: 2, drop: 3 };

const stronger = (act: Act, than: Act | undefined): boolean => than === undefined || strength[act] > strength[than];

/** As `along` walks, all that stands at `path`. */
const noteAt = (value: unknown, path: Path, note: (value: unknown, act: Act) => void): void => {
  if (Array.isArray(value)) for (const item of value) noteAt(item, path, note);
  if (!isObject(value)) return;
  if (Object.hasOwn(value, path.path)) note(value[path.path], path.act);
  for (const { key, rest } of path.steps) if (Object.hasOwn(value, key)) noteAt(value[key], rest, note);
};

const actedOn = (text: string, act: Act, hash: KeyedHash): string =>
  act === "drop" ? withheld : act === "hash" ? hash(text) : withoutSecrets(text);

/** As a regular expression that matches just this text. */
const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/**
 * Any other text (access logs, CSV, key=value, a record inside a syslog line): each touched value where it stands between
 * characters that are no letters and digits, the longest first, and those that stand within it after it. Nothing when a
 * value is not found: it was written with escapes. Only of a URL the parser may have put together from columns; it is
 * enough then that none of its secrets stands anywhere.
 */
const wordsText = (line: string, values: ReadonlyMap<string, Act>, hash: KeyedHash): string | undefined => {
  const missing = new Set(values.keys());
  const within = (text: string, names: readonly string[]): string => {
    const inside = names.filter((name) => text.includes(name));
    if (inside.length === 0) return text;
    const any = new RegExp(`(?<![\\p{L}\\p{N}])(?:${inside.map(literal).join("|")})(?![\\p{L}\\p{N}])`, "gu");
    return text.replaceAll(any, (value) => {
      missing.delete(value);
      const act = values.get(value);
      if (act === undefined) return value;
      for (const other of inside) if (other !== value && value.includes(other)) missing.delete(other);
      return act === "secrets"
        ? within(
            withoutSecrets(value),
            inside.filter((name) => name.length < value.length),
          )
        : actedOn(value, act, hash);
    });
  };
  const text = within(
    line,
    [...values.keys()].toSorted((a, b) => b.length - a.length),
  );
  const hidden = (value: string): boolean =>
    values.get(value) === "secrets" && secretsIn(value).every((one) => /^[\w.~+%-]+$/.test(one) && !text.includes(one));
  return [...missing].every(hidden) ? text : undefined;
};

/** Tab-separated text (Zeek, and whatever else keeps columns): a column is touched when it, or a member of its list, is. */
const columnsText = (line: string, values: ReadonlyMap<string, Act>, hash: KeyedHash): string | undefined => {
  if (!line.includes("\t")) return undefined;
  const missing = new Set(values.keys());
  const columns = line.split("\t").map((column) => {
    const whole = actOn(column, values, missing);
    if (whole !== undefined) return actedOn(unescapeColumn(column), whole, hash);
    const members = column.split(",");
    if (members.length === 1 || !members.some((member) => actOn(member, values, missing) !== undefined)) return column;
    return members
      .map((member) => {
        const act = actOn(member, values, missing);
        return act === undefined ? member : actedOn(unescapeColumn(member), act, hash);
      })
      .join(",");
  });
  return missing.size > 0 ? undefined : columns.join("\t");
};

const actOn = (text: string, values: ReadonlyMap<string, Act>, missing: Set<string>): Act | undefined => {
  const read = unescapeColumn(text);
  for (const same of [read, text, numberText(read)]) {
    const act = values.get(same);
    if (act === undefined) continue;
    missing.delete(same);
    return act;
  }
  return undefined;
};

/** "3600.000000" as the number that was read from it prints; other text as it is. */
const numberText = (text: string): string => (/^-?\d+(?:\.\d+)?$/.test(text) ? String(Number(text)) : text);
