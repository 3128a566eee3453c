import type { Brand } from "#core/brand.ts";
import type { OrganisationId } from "#core/marking.ts";

export type SensorId = Brand<string, "SensorId">;

/** A place inside an organisation that sends telemetry. Its token is the state store's affair, never part of this. */
export interface Sensor {
  readonly id: SensorId;
  /** The name in the directory file, kebab-case, one in the whole directory: "htd-edge-1". */
  readonly key: string;
  readonly organisation: OrganisationId;
  readonly title: string;
  /** Id of a telemetry format: "suricata-eve". */
  readonly format: string;
  /** Canonical addresses and networks it guards; they tell inbound from outbound. May be private (RFC 1918), unlike assets. */
  readonly networks: readonly string[];
}
