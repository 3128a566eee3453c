import type { Fact } from "#detect/behaviour.ts";

const stamp = (at: number): string => new Date(at).toISOString().replace("Z", "+0000");

/** A fact of the network as Suricata writes it: a flow when it is over, a question when it is asked. */
export const eveLine = (
  fact: Pick<Fact, "at" | "time" | "source" | "destination" | "measures" | "dns">,
  n: number,
): string => {
  const { at, time, source, destination, measures, dns } = fact;
  const ends = {
    ...{ src_ip: source?.address, src_port: source?.port ?? 0, dest_ip: destination?.address },
    ...{ dest_port: destination?.port ?? 0 },
  };
  if (dns)
    return JSON.stringify({
      ...{ timestamp: stamp(at), flow_id: n, event_type: "dns", ...ends, proto: "UDP" },
      dns: { type: "query", id: n % 65_536, rrname: dns.query, rrtype: dns.type ?? "A" },
    });
  return JSON.stringify({
    ...{ timestamp: stamp(at), flow_id: n, event_type: "flow", ...ends, proto: "TCP" },
    flow: {
      ...{ pkts_toserver: 10, pkts_toclient: 10 },
      ...{ bytes_toserver: Math.round(measures.bytesOut ?? 0), bytes_toclient: Math.round(measures.bytesIn ?? 0) },
      ...{ start: stamp(time), end: stamp(at), state: "closed", reason: "timeout" },
    },
  });
};

/** Those that a network sensor sees. */
export const ofNetwork = (facts: readonly Fact[]): readonly Fact[] =>
  facts.filter(({ source, destination, session, http, process, file }) =>
    Boolean(source && destination && !session && !http && !process && !file),
  );
