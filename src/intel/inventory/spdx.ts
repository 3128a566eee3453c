import { no, ok, type Result } from "#core/result.ts";
import { listAt, textAt } from "#feeds/json-shape.ts";
import { plainLine } from "#feeds/plain-text.ts";
import { type Inventory, InventoryTally } from "./item.ts";

/**
 * The packages of an SPDX document; the document's name is the asset.
 *
 * @returns WGL_INVENTORY_VERSION
 * @see SPDX 2.3 clause 7 (package information), annex F (external repository identifiers)
 */
export const readSpdx = (document: unknown): Result<Inventory> => {
  const version = textAt(document, "spdxVersion");
  if (version !== "SPDX-2.3" && version !== "SPDX-2.2")
    return no("WGL_INVENTORY_VERSION", { format: "SPDX", version, wanted: "SPDX-2.3, SPDX-2.2" });
  const tally = new InventoryTally();
  const asset = plainLine(textAt(document, "name"), 200);
  listAt(document, "packages").forEach((one, index) => {
    const refs = listAt(one, "externalRefs");
    const of = (...types: readonly string[]): readonly string[] =>
      refs.filter((ref) => types.includes(textAt(ref, "referenceType"))).map((ref) => textAt(ref, "referenceLocator"));
    tally.add({
      ...{ asset, at: `/packages/${index}` },
      vendor: plainLine(partyOf(textAt(one, "supplier")) || partyOf(textAt(one, "originator")), 200),
      name: plainLine(textAt(one, "name"), 200),
      version: plainLine(asserted(textAt(one, "versionInfo")), 200),
      cpes: of("cpe23Type", "cpe22Type"),
      purl: of("purl")[0] ?? "",
    });
  });
  return ok(tally.ended("spdx"));
};

const asserted = (text: string): string => (text === "NOASSERTION" || text === "NONE" ? "" : text);

/** "Organization: Example Networks (psirt@example.net)" is "Example Networks"; a person is no maker. */
const partyOf = (text: string): string => /^Organization:\s*([^(]*)/.exec(asserted(text))?.[1]?.trim() ?? "";
