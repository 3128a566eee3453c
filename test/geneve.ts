import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Observable } from "#core/observable.ts";

/** A listed value that the generator put into a line; `line` counts from 0. */
export interface Planted {
  readonly line: number;
  readonly observable: Observable;
}

const generator = fileURLToPath(new URL("../../shared/corpora/detection/gen/geneve.js", import.meta.url));

/** The reason why generated lines cannot be had, or false. */
export const noGeneve: string | false = existsSync(generator)
  ? false
  : "the shared corpora are not beside this checkout";

/** `lines` synthetic EVE records in a file of the system's temporary folder, the same every time. */
export const geneve = (
  lines: number,
): { readonly file: string; readonly planted: readonly Planted[]; readonly done: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-geneve-"));
  const file = join(folder, "eve.json");
  const list = join(folder, "planted.json");
  execFileSync(process.execPath, [generator, String(lines), file, list]);
  const planted = (JSON.parse(readFileSync(list, "utf8")) as { line: number; type: string; value: string }[]).map(
    ({ line, type, value }): Planted => ({
      line,
      observable: { kind: type === "ip" ? "ipv4" : type === "domain" ? "domain" : "sha256", value },
    }),
  );
  return { file, planted, done: () => rmSync(folder, { recursive: true }) };
};

/** Each planted value once, under an id of its own. */
export const plantedEntries = (planted: readonly Planted[]): readonly { id: number; observable: Observable }[] =>
  [...new Map(planted.map(({ observable }) => [observable.value, observable])).values()].map((observable, id) => ({
    id,
    observable,
  }));
