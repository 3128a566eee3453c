/**
 * Why a well-formed value is suspicious: it is stored and shown, but must not reach block-lists until a person says so.
 *   mixed-script   a label mixes scripts that no language mixes       confusable   a whole label looks like another script
 *   special-range  the host is private, loopback, documentation …     credentials  a URL carries a user name or password
 *   popular        on a list of well-known harmless values            own-asset    belongs to, or covers, the community's own
 *   broad          a wide network, or a suffix many strangers share   host-bits    a network was written with host bits set
 *   empty-file     the hash of nothing, found on every disk
 * The order is wire format: add at the end.
 */
export const flags = [
  "mixed-script",
  "confusable",
  "special-range",
  "credentials",
  "popular",
  "own-asset",
  "broad",
  "host-bits",
  "empty-file",
] as const;
export type Flag = (typeof flags)[number];
