import { no, ok, type Result } from "#core/result.ts";
import { instant } from "#core/instant.ts";
import type { Session, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { processStart } from "#telemetry/process-start.ts";
import { type Fields, textAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { auomsPairsOf, type Pair, pairsOf } from "./pairs.ts";
import { fileOf, type PathItem, pathItem } from "./paths.ts";
import { syscallName } from "./syscalls.ts";

const title = "auditd";

/**
 * One audit event: its records, a line each, joined by `split`; or JSON with such a line in `SyslogMessage` (auoms). Blank
 * lines are nothing.
 *   type, node, serial, and every key of every record; a key that several records have is a list, EXECVE's first
 *   CommandLine, Image, ParentProcessId, ProcessId, CurrentDirectory, User: of an execve, by the names rules use
 *
 * @returns WGL_LOG_LINE, WGL_LOG_JSON, WGL_LOG_KEY
 * @see https://github.com/linux-audit/audit-documentation/wiki/SPEC-Audit-Event-Enrichment
 */
export const parseAudit = (text: string): Result<TelemetryRecord> | undefined => {
  if (text.trim() === "") return undefined;
  const json = text.trimStart().startsWith("{");
  const read = json ? readJsonRecord(text, title) : undefined;
  if (read?.ok === false) return read;
  const lines = read === undefined ? text.split("\n") : [textAt(read.value, "SyslogMessage", "message", "log") ?? ""];
  const gathered = new Map<string, string[]>();
  let head: Head | undefined;
  let execve: readonly Pair[] = [];
  const paths: PathItem[] = [];
  for (const line of orderly(lines)) {
    const one = headOf(line);
    if (one === undefined || (head !== undefined && one.serial !== head.serial))
      return no("WGL_LOG_LINE", { value: line, format: title });
    head ??= one;
    put(gathered, "type", one.type);
    const pairs = one.type.startsWith("AUOMS_") ? auomsPairsOf(one.rest) : pairsOf(one.rest);
    if (one.type === "EXECVE") execve = pairs;
    if (one.type === "PATH") paths.push(pathItem(pairs.map((pair) => [pair.key, decoded("PATH", pair)])));
    for (const pair of one.type === "EXECVE" ? argumentsOf(pairs) : pairs)
      put(gathered, pair.key, decoded(one.type, pair));
  }
  if (head === undefined) return no("WGL_LOG_LINE", { value: text, format: title });
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, values] of gathered) fields[key] = values.length === 1 ? values[0] : values;
  fields["serial"] = head.serial;
  const node = head.node ?? textAt(fields, "node") ?? (read && textAt(read.value, "HostName", "Computer"));
  if (node !== undefined) fields["node"] = node;
  named(fields, argumentsOf(execve));
  const file = fileOf(paths, {
    call: syscallName(first(fields, "syscall"), first(fields, "arch")) ?? first(fields, "SYSCALL"),
    success: first(fields, "success"),
    folder: first(fields, "cwd"),
    image: first(fields, "exe"),
  });
  const record = recordOf(head, fields, node);
  return ok(file === undefined ? record : { ...record, file });
};

interface Head {
  readonly node?: string;
  readonly type: string;
  readonly milliseconds: number;
  readonly serial: string;
  readonly rest: string;
}

/** `node=web3 type=SYSCALL msg=audit(1795075200.123:4711): …`, with whatever syslog put before it. */
const headOf = (line: string): Head | undefined => {
  const found = /(?:^|\s)(?:node=(\S+) )?type=(\S+) (?:msg=)?audit\((\d{1,11})\.(\d{1,6}):(\d+)\):?\s?/.exec(line);
  if (found === null || found.index > 400) return undefined;
  const [whole, node, type = "", seconds = "", fraction = "", serial = ""] = found;
  const milliseconds = Number(seconds) * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
  const rest = line.slice(found.index + whole.length);
  return { ...(node === undefined ? {} : { node }), type, milliseconds, serial, rest };
};

/** EXECVE's arguments come before the numbers that SYSCALL has under the same names. */
const orderly = (lines: readonly string[]): readonly string[] => {
  const execve = lines.filter((line) => line.includes("type=EXECVE"));
  return execve.length === 0 ? lines : [...execve, ...lines.filter((line) => !line.includes("type=EXECVE"))];
};

/** Values a key may have in one event: PATH records of a deep `mkdir -p`. */
const mostValues = 256;

/** URLs taken from one command line. */
const mostUrls = 32;

const put = (gathered: Map<string, string[]>, key: string, value: string): void => {
  const values = gathered.get(key);
  if (values === undefined) gathered.set(key, [value]);
  else if (!values.includes(value) && values.length < mostValues) values.push(value);
};

/** Keys whose bare values are text in hexadecimal (libaudit's "encoded" fields). */
const encoded: ReadonlySet<string> = new Set(
  "proctitle name cwd exe comm cmd acct data path dir ocomm device file vm old new key grp terminal".split(" "),
);

const decoded = (type: string, { key, value, quoted }: Pair): string => {
  if (quoted || value.length % 2 !== 0 || value.length < 2 || !/^[0-9A-F]+$/.test(value)) return value;
  if (!encoded.has(key) && !(type === "EXECVE" && /^a\d+$/.test(key))) return value;
  // Arguments of a title are ended by zeros, keys of a rule parted by 0x01.
  const text = Buffer.from(value, "hex").toString("utf8");
  return key === "key" ? text.replaceAll("\u0001", ",") : text.replace(/\0+$/, "").replaceAll("\0", " ");
};

/** `a1[0]=… a1[1]=…` are pieces of one argument that was too long for a record; `a1_len` counts them. */
const argumentsOf = (pairs: readonly Pair[]): readonly Pair[] => {
  const whole: Pair[] = [];
  for (const pair of pairs) {
    const piece = /^(a\d+)\[\d+\]$/.exec(pair.key)?.[1];
    const last = whole.at(-1);
    if (piece === undefined) {
      if (!/^a\d+_len$/.test(pair.key)) whole.push(pair);
    } else if (last?.key === piece) whole[whole.length - 1] = { ...last, value: last.value + pair.value };
    else whole.push({ ...pair, key: piece });
  }
  return whole;
};

const first = (fields: Fields, key: string): string | undefined => {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === "string" && one !== "" ? one : undefined;
};

/** The names rules know, beside the kernel's own. */
const named = (fields: Record<string, unknown>, execve: readonly Pair[]): void => {
  const call = syscallName(first(fields, "syscall"), first(fields, "arch"));
  if (call !== undefined && !Object.hasOwn(fields, "SYSCALL")) fields["SYSCALL"] = call;
  const command =
    execve.length > 0
      ? execve
          .filter(({ key }) => /^a\d+$/.test(key))
          .map((pair) => decoded("EXECVE", pair))
          .join(" ")
      : (first(fields, "cmdline") ??
        (call === "execve" || call === "execveat" ? first(fields, "proctitle") : undefined));
  if (command === undefined) return;
  fields["CommandLine"] = command;
  for (const [name, key] of renamed) {
    const value = first(fields, key);
    if (value !== undefined) fields[name] = value;
  }
};

const renamed: readonly (readonly [string, string])[] = [
  ["Image", "exe"],
  ["CurrentDirectory", "cwd"],
  ["ProcessId", "pid"],
  ["ParentProcessId", "ppid"],
  ["User", "uid"],
  ["User", "user"],
  ["User", "UID"],
];

const recordOf = (head: Head, fields: Fields, node: string | undefined): TelemetryRecord => {
  const list = new SeenList();
  const source = list.address("source", first(fields, "addr"));
  let destination: string | undefined;
  for (const saddr of [first(fields, "saddr"), first(fields, "SADDR")]) {
    const end = saddr === undefined ? undefined : socketAddress(saddr);
    if (end && destination === undefined) destination = list.address("destination", end.address, end.port);
  }
  const command = first(fields, "CommandLine");
  const started = command === undefined ? undefined : processStart(first(fields, "exe"), command);
  const urls = [...(command?.matchAll(/\b(?:https?|ftp):\/\/[^\s"'<>|`(){}]+/g) ?? [])];
  for (const [url] of urls.slice(0, mostUrls)) list.url("http-url", url);
  const session = sessionOf(fields);
  const types = fields["type"];
  const type = Array.isArray(types) ? String(types[0]) : String(types);
  return {
    time: instant(Math.min(head.milliseconds, 253_402_300_799_999)),
    event: type.toLowerCase().slice(0, 60),
    fields,
    seen: list.seen,
    measures: {},
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(node === undefined ? {} : { host: node }),
    ...(session === undefined ? {} : { session }),
    ...(started === undefined ? {} : { process: started }),
  };
};

/**
 * `struct sockaddr` in hexadecimal: family (little-endian), port (big-endian), address; or `{ saddr_fam=inet laddr=… lport=… }`
 * in an enriched log, whose pairs are read by themselves. Local sockets have none.
 */
const socketAddress = (hex: string): { readonly address: string; readonly port: number } | undefined => {
  if (!/^[0-9A-Fa-f]{16,256}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, "hex");
  const port = bytes.readUInt16BE(2);
  const family = bytes.readUInt16LE(0);
  if (family === 2 && bytes.length >= 8) return { address: [...bytes.subarray(4, 8)].join("."), port };
  if (family === 10 && bytes.length >= 24) {
    const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + i * 2).toString(16));
    return { address: words.join(":"), port };
  }
  return undefined;
};

/** Who entered: USER_LOGIN of sshd and login; of `su` and `sudo` their USER_AUTH. */
const sessionOf = (fields: Fields): Session | undefined => {
  const type = first(fields, "type");
  const exe = first(fields, "exe") ?? "";
  const program = exe.slice(exe.lastIndexOf("/") + 1);
  const rises = type === "USER_AUTH" && /^(?:su|sudo|doas|pkexec)$/.test(program);
  if (type !== "USER_LOGIN" && !rises) return undefined;
  const account = [first(fields, "acct"), first(fields, "ID"), first(fields, "id")].find(
    (one) => one !== undefined && one !== "(unknown)" && one !== "?",
  );
  const res = first(fields, "res") ?? "";
  const outcome = /^(?:success|yes|1)/.test(res) ? "success" : /^(?:fail|no|0)/.test(res) ? "failure" : undefined;
  const service = program === "sshd" || first(fields, "terminal") === "ssh" ? "ssh" : program || "login";
  return { service, ...(account === undefined ? {} : { account }), ...(outcome === undefined ? {} : { outcome }) };
};
