/**
 * nfdump's names of a column, old (1.6: "ts,te,td,sa,da,…") and new (1.7: "firstSeen,duration,proto,srcAddr,…"), by the
 * short one, which records use.
 * @see nfdump(1), OUTPUT FORMATS
 */
const names: Readonly<Record<string, readonly string[]>> = {
  ts: ["ts", "firstseen", "first", "t_first", "first_switched", "start"],
  te: ["te", "lastseen", "last", "t_last", "last_switched", "end"],
  td: ["td", "duration"],
  sa: ["sa", "srcaddr", "src4_addr", "src6_addr", "src_addr", "srcip"],
  da: ["da", "dstaddr", "dst4_addr", "dst6_addr", "dst_addr", "dstip"],
  sp: ["sp", "srcport", "src_port"],
  dp: ["dp", "dstport", "dst_port"],
  pr: ["pr", "proto", "protocol"],
  flg: ["flg", "flags", "tcp_flags"],
  ipkt: ["ipkt", "pkt", "packets", "in_packets", "inpackets", "in_pkt"],
  ibyt: ["ibyt", "byt", "bytes", "in_bytes", "inbytes", "in_byte"],
  opkt: ["opkt", "out_packets", "outpackets", "out_pkt"],
  obyt: ["obyt", "out_bytes", "outbytes", "out_byte"],
};

const shortOf: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([short, all]) => all.map((name) => [name, short] as const)),
);

/** nfdump's short name of a column, or the name as it is. */
export const shortName = (name: string): string => shortOf.get(name.trim().toLowerCase()) ?? name.trim();

/** The columns of a header line: it names both addresses and a time. Nothing for any other line. */
export const columnsOf = (line: string): readonly string[] | undefined => {
  if (line.length > 4096 || !/^[A-Za-z][A-Za-z0-9_ /-]*(?:,[A-Za-z0-9_ /-]+)+,?\r?$/.test(line)) return undefined;
  const columns = line.trim().replace(/,$/, "").split(",").map(shortName);
  return ["ts", "sa", "da"].every((name) => columns.includes(name)) ? columns : undefined;
};
