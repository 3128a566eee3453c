import type { Migration } from "#store/migrate.ts";
import { sql as spine } from "#store/migrations/0001-spine.ts";
import { sql as reports } from "#store/migrations/0002-reports.ts";
import { sql as advisories } from "#store/migrations/0003-advisories.ts";
import { sql as stixObjects } from "#store/migrations/0004-stix-objects.ts";
import { sql as misp } from "#store/migrations/0005-misp.ts";
import { sql as care } from "#store/migrations/0006-care.ts";
import { sql as search } from "#store/migrations/0007-search.ts";
import { sql as out } from "#store/migrations/0008-out.ts";
import { sql as moveIn } from "#store/migrations/0009-move-in.ts";
import { sql as findingTies } from "#store/migrations/0010-finding-ties.ts";
import { sql as feedStanding } from "#store/migrations/0011-feed-standing.ts";
import { sql as threatNames } from "#store/migrations/0012-threat-names.ts";
import { sql as mispRemarks } from "#store/migrations/0013-misp-remarks.ts";
import { sql as recall } from "#store/migrations/0014-recall.ts";
import { sql as portalReads } from "#store/migrations/0015-portal-reads.ts";
import { sql as detectors } from "#store/migrations/0016-detectors.ts";
import { sql as hunts } from "#store/migrations/0017-hunts.ts";
import { sql as inputs } from "#store/migrations/0018-inputs.ts";
import { sql as partitions } from "#store/migrations/0019-partitions.ts";
import { sql as incidents } from "#store/migrations/0020-incidents.ts";
import { sql as inventories } from "#store/migrations/0021-inventories.ts";
import { sql as kept } from "#store/migrations/0022-kept.ts";
import { sql as sensors } from "#store/migrations/0023-sensors.ts";
import { sql as ruleHunts } from "#store/migrations/0024-rule-hunts.ts";
import { sql as sensorPast } from "#store/migrations/0025-sensor-past.ts";
import { sql as keptWith } from "#store/migrations/0027-kept-with.ts";
import { sql as correlationsBack } from "#store/migrations/0028-correlations-back.ts";
import { sql as packedBodies } from "#store/migrations/0029-packed-bodies.ts";
import { sql as patternHunts } from "#store/migrations/0026-pattern-hunts.ts";

/** In order; once published, a number is never reused and a text never changed. */
export const migrations: readonly Migration[] = [
  { number: 1, name: "spine", sql: spine },
  { number: 2, name: "reports", sql: reports },
  { number: 3, name: "advisories", sql: advisories },
  { number: 4, name: "stix-objects", sql: stixObjects },
  { number: 5, name: "misp", sql: misp },
  { number: 6, name: "care", sql: care },
  { number: 7, name: "search", sql: search },
  { number: 8, name: "out", sql: out },
  { number: 9, name: "move-in", sql: moveIn },
  { number: 10, name: "finding-ties", sql: findingTies },
  { number: 11, name: "feed-standing", sql: feedStanding },
  { number: 12, name: "threat-names", sql: threatNames },
  { number: 13, name: "misp-remarks", sql: mispRemarks },
  { number: 14, name: "recall", sql: recall },
  { number: 15, name: "portal-reads", sql: portalReads },
  { number: 16, name: "detectors", sql: detectors },
  { number: 17, name: "hunts", sql: hunts },
  { number: 18, name: "inputs", sql: inputs },
  { number: 19, name: "partitions", sql: partitions },
  { number: 20, name: "incidents", sql: incidents },
  { number: 21, name: "inventories", sql: inventories },
  { number: 22, name: "kept", sql: kept },
  { number: 23, name: "sensors", sql: sensors },
  { number: 24, name: "rule hunts", sql: ruleHunts },
  { number: 25, name: "sensor past", sql: sensorPast },
  { number: 26, name: "pattern hunts", sql: patternHunts },
  { number: 27, name: "kept with", sql: keptWith },
  { number: 28, name: "correlations back", sql: correlationsBack },
  { number: 29, name: "packed bodies", sql: packedBodies },
];
