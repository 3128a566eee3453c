/** Ports below which services listen (RFC 6335 §6), and from which clients are given theirs. */
const systemPorts = 1024;
const dynamicPorts = 49_152;

/** True when the ports say that a record is of a reply: it comes from where services listen and goes to a client's port. */
export const looksLikeReply = (from: number, to: number): boolean =>
  from > 0 && ((from < systemPorts && to >= systemPorts) || (from < 32_768 && to >= dynamicPorts));
