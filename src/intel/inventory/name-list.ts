import { no, ok, problem, type Result } from "#core/result.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { type Inventory, InventoryTally } from "./item.ts";

/** A list begins with a CPE name or a package URL; what stands before it is empty or a remark. */
export const looksLikeNames = (head: string): boolean => /^(?:\s*(?:#[^\n]*)?\n)*\s*(?:cpe:[/2]|pkg:)/i.test(head);

/** A CPE name or a package URL a line; "#" begins a remark. @returns WGL_INVENTORY_SHAPE where no line has one */
export const readNameList = (bytes: Uint8Array): Result<Inventory> => {
  const tally = new InventoryTally();
  let number = 0;
  let taken = 0;
  for (const line of linesOf(bytes)) {
    number++;
    const at = `row ${number}`;
    if (line === overlong) {
      tally.refuse(problem("WGL_ROW_LONG", { limit: limits.rowBytes }, at));
      continue;
    }
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const isPurl = /^pkg:/i.test(text);
    tally.add({
      ...{ asset: "", vendor: "", name: "", version: "", at },
      ...{ cpes: isPurl ? [] : [text], purl: isPurl ? text : "" },
    });
    taken++;
  }
  return taken === 0 ? no("WGL_INVENTORY_SHAPE") : ok(tally.ended("list"));
};
