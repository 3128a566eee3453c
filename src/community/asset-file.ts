import type { OrganisationId } from "#core/marking.ts";
import { type Problem, problem } from "#core/result.ts";
import type { Asset, AssetId } from "./asset.ts";
import { type AssetRow, readAsset } from "./asset-row.ts";
import { csvRows } from "./csv-rows.ts";
import { collectProblems, directoryText, type Ids } from "./directory-body.ts";
import { heldTwice } from "./held-twice.ts";

/**
 * Assets as CSV, the columns in any order, those after `value` as wished:
 *   organisation,kind,value,from,to,proof,worth
 *   transport,network,203.0.113.16/28,2024-01-01,2026-01-01,registry,high
 *
 * Every problem of the file is told with its line and column. Apply the assets only when there is none.
 *
 * @param organisations by key: those of the directory, which the file cannot add to
 */
export const readAssetFile = (
  body: Uint8Array,
  organisations: ReadonlyMap<string, OrganisationId>,
  ids: Ids,
): { readonly assets: readonly Asset[]; readonly problems: readonly Problem[] } => {
  const text = directoryText(body);
  if (!text.ok) return { assets: [], problems: [text.problem] };
  const problems = collectProblems();
  const assets: Asset[] = [];
  const twice = heldTwice();
  let header: readonly string[] | undefined;
  for (const row of csvRows(text.value)) {
    if (!row.ok) {
      problems.add(row.problem);
      if (header === undefined) break;
      continue;
    }
    const { line, cells } = row.value;
    if (header === undefined) {
      header = cells.map((cell) => cell.trim());
      const wrong = headerProblems(header, line);
      for (const one of wrong) problems.add(one);
      if (wrong.length > 0) break;
      continue;
    }
    if (cells.length !== header.length) {
      problems.add(problem("WGL_DIRECTORY_COLUMNS", { count: cells.length, wanted: header.length }, `line ${line}`));
      continue;
    }
    const cell = (column: string): string | undefined => cells[header?.indexOf(column) ?? -1]?.trim() || undefined;
    const place = (column: string): string => `line ${line} ${column}`;
    const key = cell("organisation");
    const organisation = key === undefined ? undefined : organisations.get(key);
    if (key === undefined)
      problems.add(problem("WGL_DIRECTORY_MISSING", { key: "organisation" }, place("organisation")));
    else if (organisation === undefined)
      problems.add(problem("WGL_DIRECTORY_UNKNOWN", { value: key }, place("organisation")));
    const texts: AssetRow = {
      kind: cell("kind"),
      value: cell("value"),
      from: cell("from"),
      to: cell("to"),
      proof: cell("proof"),
      worth: cell("worth"),
    };
    const read = readAsset(texts, (field, wrong) => problems.add({ ...wrong, at: place(field) }));
    if (read === undefined || organisation === undefined) continue;
    const first = twice.see({ ...read, organisation }, `line ${line}`);
    if (first !== undefined) {
      const value = `${read.kind} ${read.value}`;
      problems.add(problem("WGL_DIRECTORY_TWICE", { kind: "asset", value, first }, place("value")));
      continue;
    }
    assets.push({ ...read, organisation, id: ids("asset", assetKey(key ?? "", read)) as AssetId });
  }
  if (header === undefined && problems.all().length === 0)
    problems.add(problem("WGL_DIRECTORY_MISSING", { key: needed.join(",") }, "line 1"));
  return { assets, problems: problems.all() };
};

/** What makes one holding, and so its id: a new `from` is a new holding, all else may change. */
export const assetKey = (organisation: string, asset: Pick<Asset, "kind" | "value" | "from">): string =>
  `${organisation} ${asset.kind} ${asset.value} ${asset.from}`;

const needed = ["organisation", "kind", "value"] as const;
const columns = [...needed, "from", "to", "proof", "worth"] as const;

const headerProblems = (header: readonly string[], line: number): readonly Problem[] => [
  ...header
    .filter((name) => !columns.some((column) => column === name))
    .map((key) => problem("WGL_DIRECTORY_KEY", { key, wanted: columns.join(", ") }, `line ${line}`)),
  ...header
    .filter((name, index) => header.indexOf(name) !== index)
    .map((key) => problem("WGL_DIRECTORY_KEY_TWICE", { key }, `line ${line}`)),
  ...needed
    .filter((name) => !header.includes(name))
    .map((key) => problem("WGL_DIRECTORY_MISSING", { key }, `line ${line}`)),
];
