/** "https://bad.example/a" → "hxxps[://]bad[.]example/a": still readable, opened by nobody. `refang` undoes it. */
export const defang = (value: string): string =>
  value
    .replace(/^http(s?):/i, "hxxp$1:")
    .replace("://", "[://]")
    .replace(/^\/\//, "[//]")
    .replaceAll("@", "[@]")
    .replaceAll(".", "[.]");

/**
 * Free text with everything defanged that a mail program might turn into a link: schemes, host names, addresses and
 * mail addresses. Numbers ("41.2") and the reader's own values in `keep` stay as they are.
 */
export const defangText = (text: string, keep: ReadonlySet<string> = new Set()): string =>
  text
    .replace(/\bhttp(s?)(?=:)/gi, "hxxp$1")
    .replace(/\b(mailto|tel|sms|xmpp|magnet|callto|sip):/gi, "$1[:]")
    .replaceAll("://", "[://]")
    .replace(dotted, (host) => (keep.has(host.toLowerCase()) || !linkable(host) ? host : host.replace(anyDot, "[.]")))
    .replace(/(?<=\S)@(?=\S)/g, "[@]");

/** IDNA reads three more characters as a dot between labels. */
const anyDot = /[.。．｡]/g;
const dotted = /[\p{L}\p{N}\p{M}_-]+(?:[.。．｡][\p{L}\p{N}\p{M}_-]+)+/gu;

/** Four numbers, or a last label that begins with a letter; over-careful with file names, which costs nothing. */
const linkable = (host: string): boolean => {
  const labels = host.split(/[.。．｡]/);
  const last = labels.at(-1) ?? "";
  return (labels.length === 4 && labels.every((label) => /^\d+$/.test(label))) || /^\p{L}/u.test(last);
};
