import { groupsOfOrganisation, groupsOfStaff } from "#community/group.ts";
import { no } from "#core/result.ts";
import { describeTypes } from "#misp/describe-types.ts";
import { authorJson, communityJson, type Json, json, type MispDo, type MispHere } from "./call.ts";
import { groupNumber } from "./marking.ts";
import { organisationNumber } from "./shape.ts";
import { nameIn } from "#words/language.ts";

/** What we speak: the last 2.4 release whose calls these are. PyMISP compares it with its own. */
const version = "2.4.198";

/** `servers/getVersion` */
export const getVersion: MispDo = async (here) =>
  json({
    version,
    pymisp_recommended_version: version,
    perm_sync: here.community,
    perm_sighting: here.may("objects.write"),
    perm_galaxy_editor: false,
    request_encoding: [],
    filter_sightings: true,
  });

export const getPyMispVersion: MispDo = async () => json({ version });

/** `attributes/describeTypes` */
export const getDescribeTypes: MispDo = async () => json({ result: describeTypes });

/** `users/view/me`: honest about what the key may do. */
export const viewUser: MispDo = async (here, call) => {
  const me = userJson(here);
  const wanted = call.params[0] ?? "me";
  return wanted === "me" || wanted === me.User["id"]
    ? json({ ...me, Organisation: organisationOf(here), UserSetting: [] })
    : no("WGL_ABSENT");
};

export const listUsers: MispDo = async (here) => json([{ ...userJson(here), Organisation: organisationOf(here) }]);

const organisationOf = (here: MispHere): Json =>
  here.party === undefined
    ? communityJson(here)
    : authorJson(here, `${nameIn(here.party.names, "en")}\n\n${here.party.id}`);

const userJson = (here: MispHere): { readonly User: Json; readonly Role: Json } => {
  const organisation = organisationOf(here);
  const role = roleJson(here);
  return {
    User: {
      id: organisationNumber(`${here.viewer.kind} ${String(organisation["uuid"])}`),
      org_id: organisation["id"],
      // A machine has no mailbox; the address tells whose it is and can never be written to (RFC 2606)
      email: `${here.viewer.kind}@${String(organisation["id"])}.invalid`,
      autoalert: false,
      invited_by: "0",
      nids_sid: "0",
      termsaccepted: true,
      role_id: role["id"],
      change_pw: false,
      contactalert: false,
      disabled: false,
    },
    Role: role,
  };
};

const roleJson = (here: MispHere): Json => {
  const writes = here.may("objects.write");
  return {
    id: writes ? "3" : "6",
    name: writes ? "Publisher" : "Read Only",
    ...{ perm_add: writes, perm_modify: writes, perm_modify_org: writes, perm_publish: writes, perm_tagger: writes },
    ...{ perm_tag_editor: writes, perm_sighting: writes, perm_auth: true, perm_sync: here.community && writes },
    ...{ perm_delegate: false, perm_admin: false, perm_site_admin: false, perm_audit: false, perm_full: false },
    ...{ perm_regexp_access: false, perm_template: false, perm_sharing_group: false, perm_object_template: false },
    ...{ perm_galaxy_editor: false, perm_decaying: false, perm_warninglist: false, perm_publish_zmq: false },
    ...{ perm_publish_kafka: false, perm_view_feed_correlations: false, perm_analyst_data: false, default_role: false },
    permission: writes ? "3" : "0",
    permission_description: writes ? "publish" : "read_only",
  };
};

export const listRoles: MispDo = async (here) => json([{ Role: roleJson(here) }]);

/** `organisations/index`: the asker's own and the community; staff know all. Others are nobody's business (DESIGN §4.1). */
export const listOrganisations: MispDo = async (here) =>
  json(organisations(here).map((one) => ({ Organisation: one })));

export const viewOrganisation: MispDo = async (here, call) => {
  const wanted = (call.params[0] ?? "").toLowerCase();
  const found = organisations(here).find(
    (one) => one["id"] === wanted || one["uuid"] === wanted || String(one["name"]).toLowerCase() === wanted,
  );
  return found === undefined ? no("WGL_ABSENT") : json({ Organisation: found });
};

const organisations = (here: MispHere): readonly Json[] => {
  const known = here.staff
    ? here.desk.directory.known.directory.organisations.map((one) =>
        authorJson(here, `${nameIn(one.names, "en")}\n\n${one.id}`),
      )
    : [organisationOf(here)];
  const byId = new Map<unknown, Json>([communityJson(here), ...known].map((one) => [one["id"], one]));
  return [...byId.values()].map((one) => ({
    ...one,
    description: "",
    nationality: "",
    sector: "",
    type: "",
    contacts: "",
    local: true,
    restricted_to_domain: [],
  }));
};

/** `sharing_groups/index`: groups the asker is in; their members are told to staff alone. */
export const listSharingGroups: MispDo = async (here) => json({ response: sharingGroups(here) });

export const viewSharingGroup: MispDo = async (here, call) => {
  const found = sharingGroups(here).find(
    ({ SharingGroup }) => SharingGroup["id"] === call.params[0] || SharingGroup["uuid"] === call.params[0],
  );
  return found === undefined ? no("WGL_ABSENT") : json(found);
};

const sharingGroups = (
  here: MispHere,
): readonly {
  readonly SharingGroup: Json;
  readonly Organisation: Json;
  readonly SharingGroupOrg: readonly Json[];
  readonly SharingGroupServer: readonly Json[];
}[] => {
  const { groups } = here.desk.directory.known.directory;
  const mine = new Set(
    here.viewer.kind === "staff"
      ? groupsOfStaff(groups, here.viewer.person)
      : here.party === undefined
        ? []
        : groupsOfOrganisation(groups, here.party.id),
  );
  return groups
    .filter(({ id }) => mine.has(id))
    .map((group) => ({
      SharingGroup: {
        id: groupNumber(group.id),
        uuid: group.id,
        name: group.title,
        description: "",
        releasability: group.title,
        active: true,
        local: true,
        roaming: false,
      },
      Organisation: communityJson(here),
      SharingGroupOrg: [],
      SharingGroupServer: [],
      editable: false,
      deletable: false,
    }));
};

/** Acts of MISP's that waglan does in a place of its own, or not at all: which, and why, said as MISP says it. */
export const keptElsewhere: MispDo = async (_here, call) => no("WGL_MISP_READONLY", { what: call.params[0] ?? "this" });

/** A path that MISP has not, or that nobody asks for: what was understood of it. */
export const unknownAct: MispDo = async (_here, call) =>
  no("WGL_MISP_ACTION", { controller: call.params[0] ?? "", action: call.params[1] ?? "" });

export const empty =
  (value: unknown): MispDo =>
  async () =>
    json(value);
