import { type CidrRange, cidrRange } from "#core/cidr.ts";
import type { SyslogInput } from "#jobs/config/inputs.ts";

/** What is known of a sender: its address, and of its certificate what was verified. */
export interface Sender {
  readonly address: string;
  /** Names of a certificate that the configured authority signed, in lower case. */
  readonly names: readonly string[];
  /** SHA-256 of its certificate, hexadecimal; holding the key of it is proof enough (RFC 5425 §4.2.1). */
  readonly fingerprint?: string;
  /** Its certificate is signed by the configured authority. */
  readonly signed: boolean;
}

/** @returns the sensor's key, or undefined for whoever is not expected */
export type SensorOf = (sender: Sender) => string | undefined;

/** The rules of one input, with their networks read once. */
export const sensorOf = ({ senders, tls }: SyslogInput): SensorOf => {
  // with an authority, whom it did not sign speaks by fingerprint only
  const admits = ({ signed }: Sender): boolean => tls?.ca === undefined || signed;
  const rules = senders.map(({ from, sensor }) => {
    const range = from.kind === "network" ? cidrRange(from.value) : undefined;
    return { from, sensor, range: range?.ok ? range.value : undefined };
  });
  return (sender) => {
    const here = cidrRange(sender.address.replace(/%.*$/, ""));
    return rules.find(({ from, range }) => {
      switch (from.kind) {
        case "anybody":
          return admits(sender);
        case "network":
          return admits(sender) && range !== undefined && here.ok && holds(range, here.value);
        case "name":
          return sender.signed && sender.names.includes(from.value);
        case "fingerprint":
          return sender.fingerprint === from.value;
      }
    })?.sensor;
  };
};

/** @param one a lone address */
const holds = (range: CidrRange, one: CidrRange): boolean => {
  if (range.family === 4) return one.family === 4 && one.first >= range.first && one.first <= range.last;
  return one.family === 6 && one.first >= range.first && one.first <= range.last;
};
