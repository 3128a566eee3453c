/** Strict readers of what lists write, made from the formats' own documents: each throws where a line is not what it must be. */

/** RFC 4180, with comment lines; the apostrophe that keeps a spreadsheet from running a cell is taken away again. */
export const readCsv = (text: string): readonly (readonly string[])[] => {
  const rows: string[][] = [];
  let [row, cell, at, quoted]: [string[], string, number, boolean] = [[], "", 0, false];
  const end = (): void => {
    row.push(/^'+[=+\-@\t\r\n＝＋－＠|]/u.test(cell) ? cell.slice(1) : cell);
    cell = "";
  };
  while (at < text.length) {
    const c = text[at] ?? "";
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[at + 1] === '"') cell += text[++at];
      else {
        quoted = false;
        if (text[at + 1] !== undefined && !/[,\n]/.test(text[at + 1] ?? ""))
          throw new Error(`CSV: ${text[at + 1]} behind a quote`);
      }
    } else if (c === '"') {
      if (cell !== "") throw new Error("CSV: a quote inside a bare cell");
      quoted = true;
    } else if (c === ",") end();
    else if (c === "\n") {
      end();
      rows.push(row);
      row = [];
    } else if (c === "\r") throw new Error("CSV: a bare carriage return");
    else cell += c;
    at++;
  }
  if (quoted || cell !== "" || row.length > 0) throw new Error("CSV ends in the middle of a row");
  return rows;
};

export interface SuricataRule {
  readonly protocol: string;
  readonly to: string;
  readonly port: string;
  readonly options: readonly (readonly [name: string, value: string])[];
  /** `content` of each buffer, its bytes as text: { "http.host": ["bad.example"] } */
  readonly contents: Readonly<Record<string, readonly string[]>>;
  readonly sid: number;
}

/** One rule. Suricata User Guide, Rules Format: action, header, options in brackets, each ended by a semicolon. */
export const readRule = (line: string): SuricataRule => {
  const found = /^alert (ip|tcp|tls|dns|http) \$HOME_NET any -> (\S+) (\S+) \((.*)\)$/s.exec(line);
  if (!found || /[\r\n]/.test(line)) throw new Error(`not a rule: ${line}`);
  const [, protocol = "", to = "", port = "", body = ""] = found;
  if (to !== "any" && !/^[0-9a-f.:]+(?:\/\d{1,3})?$/.test(to)) throw new Error(`address ${to}`);
  if (port !== "any" && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) throw new Error(`port ${port}`);
  const options: [string, string][] = [];
  let at = 0;
  while (at < body.length) {
    const option = /([a-z0-9_.]+)(?:;|:(?:"((?:[^"\\;]|\\.)*)"|([^;"\\]*));) ?/sy;
    option.lastIndex = at;
    const one = option.exec(body);
    if (!one) throw new Error(`option at ${at}: ${body.slice(at, at + 40)}`);
    options.push([one[1] ?? "", one[2] ?? one[3] ?? ""]);
    at = option.lastIndex;
  }
  const contents: Record<string, string[]> = {};
  let buffer = "";
  for (const [name, value] of options) {
    if (/^(?:dns\.query|tls\.sni|http\.host|http\.uri\.raw)$/.test(name)) buffer = name;
    if (name === "content") (contents[buffer] ??= []).push(contentText(value));
  }
  const once = (name: string): string => {
    const all = options.filter(([one]) => one === name);
    if (all.length !== 1) throw new Error(`${all.length} × ${name}`);
    return all[0]?.[1] ?? "";
  };
  const sid = Number(once("sid"));
  if (!Number.isInteger(sid) || sid < 1 || sid > 4_294_967_295) throw new Error(`sid ${sid}`);
  if (/["\\;]/.test(once("msg"))) throw new Error("msg wants escapes");
  return { protocol, to, port, options, contents, sid };
};

const contentText = (value: string): string => {
  if (value === "") throw new Error("empty content");
  const bytes: number[] = [];
  value.split("|").forEach((part, n) => {
    if (n % 2 === 0) bytes.push(...Buffer.from(part, "ascii"));
    else
      for (const byte of part.split(" ")) {
        if (!/^[0-9a-f]{2}$/.test(byte)) throw new Error(`hexadecimal ${part}`);
        bytes.push(Number.parseInt(byte, 16));
      }
  });
  if (value.split("|").length % 2 === 0) throw new Error("a bar that is not closed");
  return Buffer.from(bytes).toString("utf8");
};

/** Zeek's ASCII reader: `#fields` first, tabs between, \xHH for a byte, "-" unset. */
export const readZeek = (text: string): readonly Readonly<Record<string, string | undefined>>[] => {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("no line end at the end");
  const [head = "", ...rest] = lines;
  if (!head.startsWith("#fields\t")) throw new Error("no #fields");
  const names = head.split("\t").slice(1);
  return rest
    .filter((line) => !line.startsWith("#"))
    .map((line) => {
      const cells = line.split("\t");
      if (cells.length !== names.length) throw new Error(`${cells.length} cells: ${line}`);
      if (!/^Intel::(?:ADDR|SUBNET|URL|DOMAIN|EMAIL|FILE_HASH)$/.test(cells[1] ?? ""))
        throw new Error(`type ${cells[1]}`);
      return Object.fromEntries(names.map((name, n) => [name, zeekText(cells[n] ?? "")]));
    });
};

const zeekText = (cell: string): string | undefined => {
  if (cell === "") throw new Error("an empty cell");
  if (cell === "-") return undefined;
  const bytes: Buffer[] = [];
  for (const part of cell.matchAll(/\\x([0-9a-f]{2})|([^\\]+)|(\\)/gs)) {
    if (part[3] !== undefined) throw new Error(`a bare backslash: ${cell}`);
    bytes.push(part[1] === undefined ? Buffer.from(part[2] ?? "") : Buffer.from(part[1], "hex"));
  }
  return Buffer.concat(bytes).toString("utf8");
};

/** A response policy zone: SOA and NS first, then triggers that all say CNAME to the root. */
export const readRpz = (
  text: string,
): { readonly serial: number; readonly names: readonly string[]; readonly addresses: readonly string[] } => {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  if (lines[0] !== "$TTL 300") throw new Error(`first line ${lines[0]}`);
  const soa = /^@ IN SOA (\S+\.) (\S+\.) (\d{1,10}) \d+ \d+ \d+ \d+$/.exec(lines[1] ?? "");
  if (!soa || Number(soa[3]) > 4_294_967_295) throw new Error(`SOA ${lines[1]}`);
  if (lines[2] !== "@ IN NS localhost.") throw new Error(`NS ${lines[2]}`);
  const names: string[] = [];
  const addresses: string[] = [];
  for (const line of lines.slice(3)) {
    const found = /^((?:\*\.)?[a-z0-9_.-]+) CNAME \.$/.exec(line);
    if (!found?.[1]) throw new Error(`record ${line}`);
    const owner = found[1];
    if (
      owner.length > 253 ||
      owner
        .replace(/^\*\./, "")
        .split(".")
        .some((label) => label === "" || label.length > 63)
    )
      throw new Error(`owner ${owner}`);
    if (!owner.endsWith(".rpz-ip")) {
      names.push(owner);
      continue;
    }
    const [length = "", ...rest] = owner.split(".").slice(0, -1);
    const parts = rest.reverse();
    const v4 = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part));
    const address = v4
      ? parts.join(".")
      : parts
          .join(":")
          .replace(/(^|:)zz(:|$)/, (_all, a: string, b: string) => (a === "" ? "::" : b === "" ? "::" : "::"));
    const full = length === (v4 ? "32" : "128") ? address : `${address}/${length}`;
    addresses.push(full);
  }
  return { serial: Number(soa[3]), names, addresses };
};
