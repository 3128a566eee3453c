import { no, type Result } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { parseJson } from "#feeds/json.ts";
import { textAt } from "#feeds/json-shape.ts";
import { parseXml } from "#feeds/xml.ts";
import { readCyclonedx } from "./cyclonedx.ts";
import { cyclonedxOfXml } from "./cyclonedx-xml.ts";
import type { Inventory } from "./item.ts";
import { readItemTable } from "./item-table.ts";
import { looksLikeNames, readNameList } from "./name-list.ts";
import { readSpdx } from "./spdx.ts";

/**
 * An inventory of any shape we know, told from its first character and fields: CycloneDX 1.4 to 1.6 as JSON or XML, SPDX
 * 2.3 as JSON, a list of CPE names or package URLs, or a table. Nothing throws.
 *
 * @returns WGL_INVENTORY_SHAPE | WGL_INVENTORY_VERSION | WGL_INVENTORY_LARGE | WGL_XML… | WGL_BODY_…
 */
export const readInventory = (bytes: Uint8Array): Result<Inventory> => {
  const text = withoutMark(bytes);
  try {
    const head = Buffer.from(text.subarray(0, 4096)).toString("latin1");
    if (/^\s*</.test(head)) {
      const document = cyclonedxOfXml(parseXml(bytes));
      return document === undefined ? no("WGL_INVENTORY_SHAPE") : readCyclonedx(document);
    }
    if (looksLikeNames(head)) return readNameList(text);
    if (!/^\s*[{[]/.test(head)) return readItemTable(text);
    const document = parseJson(text);
    if (textAt(document, "bomFormat") === "CycloneDX") return readCyclonedx(document);
    if (textAt(document, "spdxVersion") !== "") return readSpdx(document);
    return no("WGL_INVENTORY_SHAPE");
  } catch (error) {
    if (error instanceof BadBody) return { ok: false, problem: error.problem };
    throw error;
  }
};

/** As UTF-8 without a byte order mark; UTF-16, which tools of Windows write, is told by its own. */
const withoutMark = (bytes: Uint8Array): Uint8Array => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(new TextDecoder("utf-16le").decode(bytes));
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
};
