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

/**
 * The part of a label that names something: machine tags of MISP give their value, 'misp-galaxy:tool="Emotet"' → "Emotet";
 * where an ATT&CK id stands with a name or in a Sigma tag it is the id, 'misp-galaxy:mitre-attack-pattern="PowerShell -
 * T1059.001"', "attack.t1059.001" → "T1059.001".
 */
export const nameInLabel = (label: string): string => {
  const value = /^[a-z0-9-]+:[a-z0-9-]+="([^"]+)"$/i.exec(label)?.[1] ?? label;
  return (
    (/^attack\.([a-z]{1,2}\d{4}(?:\.\d{3})?)$/i.exec(value) ?? / - ([a-z]{1,2}\d{4}(?:\.\d{3})?)$/i.exec(value))?.[1] ??
    value
  );
};
