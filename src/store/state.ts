import type { Sql } from "postgres";
import type { State } from "#jobs/ports.ts";
import { accounts } from "#store/accounts.ts";
import { careState } from "#store/care.ts";
import { advisoryState } from "#store/advisories.ts";
import { alertState } from "#store/alerts.ts";
import { communityState } from "#store/directory.ts";
import { evidenceState } from "#store/evidence.ts";
import { incidentState } from "#store/incidents.ts";
import { inputState } from "#store/inputs.ts";
import { inventoryState } from "#store/inventories.ts";
import { intelState } from "#store/intel.ts";
import { huntCausesState } from "#store/hunt-causes.ts";
import { huntsState } from "#store/hunts.ts";
import { ledgerState } from "#store/ledger.ts";
import { outState } from "#store/out.ts";
import { moveInState } from "#store/move-in.ts";
import { partitionsState } from "#store/partitions.ts";
import { pruneState } from "#store/prune.ts";
import { recallState } from "#store/recall.ts";
import { outboxState, queueState } from "#store/queue.ts";
import { searchFill } from "#store/search-fill.ts";
import { mispState } from "#store/misp.ts";
import { stixObjectsState } from "#store/stix-objects.ts";
import { rulesState } from "#store/rules.ts";
import { knowledgeState } from "#store/sensor-knowledge.ts";
import { sensorsState } from "#store/sensors.ts";
import { reportState } from "#store/reports.ts";
import { RecentBodies } from "#store/recent-bodies.ts";
import { acceptBatch, telemetryState } from "#store/telemetry.ts";
import { threatNamesState } from "#store/threat-names.ts";

/**
 * The stations' ports over one database; what one act does is one transaction.
 *
 * @param bodies shared by all states of one process on one database
 */
export const stateOf = (sql: Sql, bodies: RecentBodies = new RecentBodies()): State => ({
  act: async (work) =>
    (await sql.begin((tx) =>
      work({
        community: communityState(tx),
        intel: intelState(tx),
        care: careState(tx),
        advisories: advisoryState(tx),
        names: threatNamesState(tx),
        reports: reportState(tx),
        telemetry: telemetryState(tx, bodies),
        incidents: incidentState(tx),
        alerts: alertState(tx),
        queue: queueState(tx),
        outbox: outboxState(tx),
        evidence: evidenceState(tx),
        ledger: ledgerState(tx),
        stix: stixObjectsState(tx),
        misp: mispState(tx),
        search: searchFill(tx),
        moveIn: moveInState(tx),
        out: outState(tx),
        prune: pruneState(tx),
        hunts: { ...huntsState(tx), ...huntCausesState(tx) },
        recall: recallState(tx),
        rules: rulesState(tx),
        partitions: partitionsState(tx),
        inputs: inputState(tx),
        knowledge: knowledgeState(tx),
        sensors: sensorsState(tx),
        inventories: inventoryState(tx),
        accounts: accounts(tx),
      }),
    )) as Awaited<ReturnType<typeof work>>,

  accept: acceptBatch(sql, bodies),

  // an idle transaction that holds a lock and nothing else: it has no xid, so no change feed waits for it
  alone: async (name, work) =>
    (await sql.begin(async (tx) => {
      const [lock] = await tx`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as ok`;
      return lock?.["ok"] ? work() : undefined;
    })) as Awaited<ReturnType<typeof work>> | undefined,
});
