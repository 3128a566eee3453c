import type { Observable } from "#core/observable.ts";
import { looksLikeReply } from "#telemetry/reply-ports.ts";
import { type Fields, objectAt, textAt } from "./fields.ts";

/** One end of a conversation; port 0 where there is none. */
export interface End {
  readonly address: Observable;
  readonly port: number;
}

/** Initiator and responder; `turned` where the record names the responder first. */
export interface Ends {
  readonly source?: End;
  readonly destination?: End;
  readonly turned: boolean;
}

/**
 * Who began it. Most events name the flow's two ends, the client first. Alerts, files and anomalies name the ends of
 * the *packet* instead, so that on a reply the server stands first; then the record is turned round. What says so, best
 * first: `flow.src_ip` (Suricata 7), `direction`, and the ports (older sensors).
 *
 * @see https://docs.suricata.io/en/latest/output/eve/eve-json-format.html#field-direction
 */
export const endsOf = (event: string, fields: Fields, from: End | undefined, to: End | undefined): Ends => {
  const turned = from !== undefined && to !== undefined && isTurned(event, fields, from, to);
  const source = turned ? to : from;
  const destination = turned ? from : to;
  return { turned, ...(source ? { source } : {}), ...(destination ? { destination } : {}) };
};

const ofPackets: ReadonlySet<string> = new Set(["alert", "fileinfo", "anomaly", "drop", "netflow", "ftp_data"]);

const isTurned = (event: string, fields: Fields, from: End, to: End): boolean => {
  // Suricata 4 wrote DNS answers as the packet went.
  if (event === "dns") return from.port === 53 && to.port !== 53;
  if (!ofPackets.has(event)) return false;
  const flow = objectAt(fields, "flow");
  const client = flow && textAt(flow, "src_ip");
  if (client !== undefined && flow) {
    const port = flow["src_port"];
    return client === textAt(fields, "dest_ip") && (client !== textAt(fields, "src_ip") || port === to.port);
  }
  const direction = textAt(fields, "direction");
  if (direction !== undefined) return direction === "to_client";
  return looksLikeReply(from.port, to.port);
};
