/** Bytes a rule may hold as they are inside quotes; every other stands in hexadecimal between bars, so that none can end anything. */
const harmless = /^[A-Za-z0-9._/=?&~%+-]$/;

/** For `content:"…"`: "bad.example/x" stays, "a|b" is a|7c|b. @see Suricata User Guide, Payload Keywords, content */
export const contentOf = (text: string): string => {
  let printed = "";
  let hex: string[] = [];
  const close = (): void => {
    if (hex.length > 0) printed += `|${hex.join(" ")}|`;
    hex = [];
  };
  for (const byte of Buffer.from(text, "utf8")) {
    const c = String.fromCharCode(byte);
    if (harmless.test(c)) {
      close();
      printed += c;
    } else hex.push(byte.toString(16).padStart(2, "0"));
  }
  close();
  return printed;
};

/** For `msg`: letters a person reads; what a rule would need escaped becomes "_". The value itself stands where it matches. */
export const messageOf = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9 ._/:=?&~%+,[\]-]/g, "_")
    .replaceAll(":", " ")
    .slice(0, 200);

/** A word of `metadata`: no comma, no semicolon, no space. */
export const metadataOf = (text: string): string => text.replace(/[^A-Za-z0-9._+-]/g, "_").slice(0, 100);
