/** The parts of a CPE 2.3 formatted string that name a product; "" where it says "any" (*) or "none" (-). */
export interface Cpe {
  readonly part: string;
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly update: string;
}

/**
 * "cpe:2.3:a:example:mail\:server:4.2:*:*:*:*:*:*:*". `undefined` for anything else.
 * @see NIST IR 7695 §6.2 (formatted string binding)
 */
export const readCpe = (text: string): Cpe | undefined => {
  if (!text.startsWith("cpe:2.3:") || text.length > 1000) return undefined;
  const fields = text.slice(8).match(/(?:\\.|[^:\\])+/g);
  if (fields === null || fields.length !== 11) return undefined;
  const [part = "", vendor = "", product = "", version = "", update = ""] = fields.map(bare);
  return /^[aho]?$/.test(part) ? { part, vendor, product, version, update } : undefined;
};

const bare = (field: string): string => (field === "*" || field === "-" ? "" : field.replace(/\\(.)/g, "$1"));
