/**
 * How names are compared: case, width, marks, blanks and punctuation set people apart who mean the same ("Fancy Bear",
 * "FANCYBEAR", "fancy-bear").
 */
export const foldedName = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");

/** The part of a label that names something: machine tags of MISP give their value, 'misp-galaxy:tool="Emotet"' → "Emotet". */
export const nameInLabel = (label: string): string => /^[a-z0-9-]+:[a-z0-9-]+="([^"]+)"$/i.exec(label)?.[1] ?? label;
