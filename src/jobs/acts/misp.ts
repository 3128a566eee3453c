import { groupsOfOrganisation } from "#community/group.ts";
import { memberTerms, type Purpose } from "#community/agreement.ts";
import { may } from "#community/may.ts";
import type { Organisation } from "#community/organisation.ts";
import type { Viewer } from "#community/viewer.ts";
import { scopeOf } from "#community/visibility.ts";
import type { Problem, Result } from "#core/result.ts";
import type { MispActs } from "./port.ts";
import type { Desk } from "./desk.ts";
import type { MispActName, MispAnswer } from "#jobs/misp/asked.ts";
import type { MispDo, MispHere } from "#jobs/misp/call.ts";
import * as analyst from "#jobs/misp/analyst.ts";
import * as attributes from "#jobs/misp/attributes.ts";
import * as change from "#jobs/misp/change.ts";
import * as feed from "#jobs/misp/feed-export.ts";
import * as freeText from "#jobs/misp/free-text.ts";
import * as galaxies from "#jobs/misp/galaxies.ts";
import * as gone from "#jobs/misp/gone.ts";
import * as info from "#jobs/misp/info.ts";
import * as labels from "#jobs/misp/labels.ts";
import * as objects from "#jobs/misp/objects.ts";
import * as proposals from "#jobs/misp/proposals.ts";
import * as references from "#jobs/misp/references.ts";
import * as reports from "#jobs/misp/reports.ts";
import type { MispReach } from "#jobs/misp/port.ts";
import { partyReader, staffReader } from "#jobs/misp/read.ts";
import * as search from "#jobs/misp/search.ts";
import * as sightings from "#jobs/misp/sightings.ts";
import * as statistics from "#jobs/misp/statistics.ts";
import * as view from "#jobs/misp/view.ts";
import * as vocabularies from "#jobs/misp/vocabularies.ts";
import type { Tx } from "#jobs/ports.ts";
import { watchMisp } from "#jobs/recall/queue.ts";
import { mispIds } from "#share/misp-ids.ts";

/** What MISP's API can be asked here, by name; `http/routes/misp-paths.ts` says under which paths. */
const acts = {
  getVersion: info.getVersion,
  getPyMispVersion: info.getPyMispVersion,
  describeTypes: info.getDescribeTypes,
  viewUser: info.viewUser,
  listUsers: info.listUsers,
  listRoles: info.listRoles,
  listOrganisations: info.listOrganisations,
  viewOrganisation: info.viewOrganisation,
  listSharingGroups: info.listSharingGroups,
  viewSharingGroup: info.viewSharingGroup,
  addEvent: change.addEvent,
  changeEvent: change.changeEvent,
  deleteEvent: change.deleteEvent,
  publishEvent: change.publishEvent(true),
  unpublishEvent: change.publishEvent(false),
  viewEvent: view.viewEvent,
  indexEvents: view.indexEvents,
  searchEvents: search.searchEvents,
  freeText: freeText.freeText,
  addAttributes: attributes.addAttributes,
  changeAttribute: attributes.changeAttribute,
  deleteAttribute: attributes.deleteAttribute,
  restoreAttribute: attributes.restoreAttribute,
  viewAttribute: view.viewAttribute,
  indexAttributes: view.indexAttributes,
  searchAttributes: search.searchAttributes,
  attributeStatistics: statistics.attributeStatistics,
  zeek: search.download("zeek"),
  text: search.download("text"),
  csv: search.download("csv"),
  hashes: search.download("hashes"),
  suricata: search.download("suricata"),
  snort: search.download("snort"),
  rpz: search.download("rpz"),
  addObject: objects.addObject,
  changeObject: objects.changeObject,
  deleteObject: objects.deleteObject,
  viewObject: view.viewObject,
  searchObjects: search.searchObjects,
  addReference: references.addReference,
  deleteReference: references.deleteReference,
  filterEvents: change.filterEvents,
  addReport: reports.addReport,
  changeReport: reports.changeReport,
  deleteReport: reports.deleteReport(true),
  restoreReport: reports.deleteReport(false),
  listReports: reports.listReports,
  viewReport: reports.viewReport,
  addProposal: proposals.addProposal,
  proposeChange: proposals.proposeChange(false),
  proposeDeletion: proposals.proposeChange(true),
  acceptProposal: proposals.acceptProposal,
  discardProposal: proposals.discardProposal,
  listProposals: proposals.listProposals,
  viewProposal: proposals.viewProposal,
  addAnalyst: analyst.addAnalyst,
  changeAnalyst: analyst.changeAnalyst,
  deleteAnalyst: analyst.deleteAnalyst,
  listAnalyst: analyst.listAnalyst(false),
  indexAnalyst: analyst.listAnalyst(true),
  viewAnalyst: analyst.viewAnalyst,
  listTags: labels.listTags,
  viewTag: labels.viewTag,
  searchTags: labels.searchTags,
  putTag: labels.putTag,
  deleteTag: labels.deleteTag,
  attachTag: labels.labelWith(true),
  removeTag: labels.labelWith(false),
  tagStatistics: statistics.tagStatistics,
  addSighting: sightings.addSighting,
  listSightings: sightings.listSightings,
  searchSightings: async (here, call) =>
    sightings.listSightings(here, { ...call, input: { ...call.input, restSearch: true } }),
  deleteSighting: sightings.deleteSighting,
  pushSightings: sightings.pushSightings,
  filterSightings: sightings.filterSightings,
  listTaxonomies: vocabularies.listTaxonomies,
  viewTaxonomy: vocabularies.viewTaxonomy,
  listGalaxies: galaxies.listGalaxies,
  viewGalaxy: galaxies.viewGalaxy,
  attachCluster: galaxies.attachCluster,
  detachCluster: galaxies.detachCluster,
  listClusters: galaxies.listClusters,
  searchClusters: galaxies.searchClusters,
  viewCluster: galaxies.viewCluster,
  listWarninglists: vocabularies.listWarninglists,
  viewWarninglist: vocabularies.viewWarninglist,
  checkWarninglists: vocabularies.checkWarninglists,
  listGone: gone.listGone,
  addGone: gone.addGone,
  removeGone: gone.removeGone,
  feedFile: feed.feedFile,
  none: info.empty([]),
  keptElsewhere: info.keptElsewhere,
  unknown: info.unknownAct,
} as const satisfies Record<MispActName, MispDo>;

/** MISP's API: each call is one transaction, and a call that is refused leaves nothing behind. */
export const mispActs = (desk: Desk): MispActs => {
  const ids = mispIds(desk.idOf("misp", "ids"));
  return {
    misp: async (viewer, name, call) => {
      try {
        return await desk.state.act(async (tx) => {
          const answer: Result<MispAnswer> = await acts[name](
            hereOf(desk, watchMisp(tx, desk.now()), viewer, ids),
            call,
          );
          if (!answer.ok) throw new Undo(answer.problem);
          return answer;
        });
      } catch (error) {
        if (error instanceof Undo) return { ok: false, problem: error.problem };
        throw error;
      }
    },
  };
};

/** Ends a transaction that was refused. */
class Undo extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

const hereOf = (desk: Desk, tx: Tx, viewer: Viewer, ids: MispHere["ids"]): MispHere => {
  const { directory } = desk.directory.known;
  const { groups } = directory;
  const party = partyOf(desk, viewer);
  const staff = viewer.kind === "staff";
  const community = staff || (party !== undefined && directory.community.anchor === party.id);
  const now = desk.now();
  const whole: MispReach = {
    scope: { all: true, groups: groups.map(({ id }) => id), own: [], clientsOf: [], audience: "staff", red: true },
  };
  const own = community ? undefined : party?.id;
  return {
    ...{ desk, tx, viewer, community, staff, now, ids },
    ...(party === undefined ? {} : { party }),
    may: (permission) => may(viewer, permission),
    keeping: {
      ...{ at: Math.floor(now / 1000), ids, whole },
      uuid: () => randomUuid(desk.random(16)),
      sender: {
        ...(own === undefined ? {} : { party: own }),
        ...(directory.community.anchor === undefined ? {} : { anchor: directory.community.anchor }),
        partner: party?.kind === "partner",
        ...(own !== undefined && party?.shadow === true ? { shadow: `sender ${own}` } : {}),
        groups: community ? groups : groups.filter(({ members }) => party !== undefined && members.includes(party.id)),
      },
    },
    reader: (purpose: Purpose = "detection") => {
      if (staff || party === undefined)
        return staffReader(scopeOf(viewer, "indicators.read"), undefined, ids, now, purpose);
      const agreement =
        directory.agreements.find((one) => one.party === party.id) ??
        (party.kind === "member" ? memberTerms(party.id, party.since) : undefined);
      const recipient = {
        kind: party.kind === "partner" ? ("partner" as const) : ("organisation" as const),
        party: party.id,
        clientOf: party.clientOf,
        groups: groupsOfOrganisation(groups, party.id),
        ...(agreement === undefined ? {} : { agreement }),
      };
      return partyReader(recipient, community, ids, now, purpose);
    },
  };
};

/** For whom it speaks; a person with several seats for the first that may read. */
const partyOf = (desk: Desk, viewer: Viewer): Organisation | undefined => {
  const id =
    viewer.kind === "party"
      ? viewer.seat.organisation
      : viewer.kind === "staff"
        ? viewer.own[0]
        : viewer.kind === "person"
          ? viewer.seats.find((seat) => may(viewer, "indicators.read", seat.organisation))?.organisation
          : undefined;
  return id === undefined ? undefined : desk.directory.known.organisation(id);
};

/** RFC 9562 §5.4 */
const randomUuid = (random: Uint8Array): string => {
  const bytes = Buffer.from(random);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
