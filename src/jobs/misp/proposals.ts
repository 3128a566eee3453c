import { no, type Result } from "#core/result.ts";
import type { MispAnswer, MispCall } from "./asked.ts";
import { authorJson, communityJson, done, eventAt, eventToChange, isJson, type Json, json, keyOf } from "./call.ts";
import type { MispDo, MispHere } from "./call.ts";
import { addAttributes, changeAttribute, deleteAttribute } from "./attributes.ts";
import { eventModel } from "./keep.ts";
import type { MispAttributeRow, MispEventRow, MispRemarkRow } from "./port.ts";
import { recordRelease, remarkOut } from "./read.ts";
import { forOwner, remarkRowOf } from "./remarks.ts";
import { attributeRowOf, isProblem } from "./rows.ts";
import { attributeJson } from "./shape.ts";
import { readDocument } from "#misp/read-event.ts";
import { nameIn } from "#words/language.ts";

// Proposals: what somebody who may not change an event asks its owner to change. They are seen by who made them, by the
// event's owner and by staff; nobody else hears that somebody disagrees.

const proposalsAtMost = 1000;

/** Members a proposal may bring. */
const proposed = ["type", "category", "value", "to_ids", "comment", "first_seen", "last_seen", "data"] as const;

const given = (call: MispCall): Json => {
  const { body } = call;
  if (!isJson(body)) return {};
  const inner = body["ShadowAttribute"] ?? body["Attribute"] ?? body;
  return isJson(inner) ? inner : {};
};

const printed = (here: MispHere, row: MispRemarkRow, event: MispEventRow): Json | undefined => {
  const out = remarkOut(row, event, here.reader());
  if (out === undefined) return undefined;
  const by = row.sender === undefined ? undefined : here.desk.directory.known.organisation(row.sender);
  const org = by === undefined ? communityJson(here) : authorJson(here, `${nameIn(by.names, "en")}\n\n${by.id}`);
  const owner =
    event.orgc.uuid === undefined
      ? authorJson(here, event.orgc.name)
      : authorJson(here, `${event.orgc.name}\n\n${event.orgc.uuid}`);
  return { ...out.value.part, event_uuid: event.uuid, org_id: org.id, event_org_id: owner.id, Org: org };
};

/** Keeps a proposal for the event's owner. */
const propose = async (
  here: MispHere,
  event: MispEventRow,
  attribute: MispAttributeRow | undefined,
  said: Json,
): Promise<Result<MispAnswer>> => {
  const { sender } = here.keeping;
  const row = forOwner(
    remarkRowOf(
      "ShadowAttribute",
      { ...said, uuid: attribute?.uuid ?? said["uuid"] },
      {
        event: eventModel(event, here.ids),
        n: event.n,
        target: attribute?.uuid ?? event.uuid,
        saidOf: attribute === undefined ? "Event" : "Attribute",
      },
      here.keeping,
    ),
    event.sender,
    sender,
  );
  const body = { ...row.body, ...(attribute === undefined ? {} : { old_id: here.ids.of(attribute.n) }) };
  const n = await here.tx.misp.insertRemark({ ...row, body });
  const one = printed(here, { ...row, body, n }, event);
  return one === undefined ? no("WGL_ABSENT") : json({ ShadowAttribute: one });
};

/** What is proposed must be an attribute that its event could hold. */
const checked = (here: MispHere, event: MispEventRow, said: Json): Result<Json> => {
  const read = readDocument({ Attribute: [said] });
  if (!read.ok) return read;
  const [attribute] = read.value.value.attributes;
  const [first] = read.value.problems;
  if (attribute === undefined)
    return first === undefined ? no("WGL_MISP_SHAPE", { wanted: "an attribute" }) : { ok: false, problem: first };
  const row = attributeRowOf(
    eventModel(event, here.ids),
    undefined,
    attribute,
    here.keeping.at,
    { event: event.n },
    here.keeping,
  );
  if (isProblem(row)) return { ok: false, problem: row };
  const whole = attributeJson({ ...row, n: 0, hasData: false }, { ids: here.ids, own: true });
  return {
    ok: true,
    value: {
      ...Object.fromEntries(
        proposed.flatMap((name) => (whole[name] === undefined || whole[name] === null ? [] : [[name, whole[name]]])),
      ),
      uuid: row.uuid,
    },
  };
};

/** `shadowAttributes/add`: a new attribute. */
export const addProposal: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const said = given(call);
  const event = await eventAt(here, call.params[0] ?? said["event_id"]);
  if (event === undefined) return no("WGL_ABSENT");
  const one = checked(here, event, said);
  return one.ok ? propose(here, event, undefined, { ...one.value, proposal_to_delete: false }) : one;
};

/** `shadowAttributes/edit`: other members for an attribute; `shadowAttributes/delete`: that it goes. */
export const proposeChange =
  (toDelete: boolean): MispDo =>
  async (here, call) => {
    if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
    const said = given(call);
    const key = keyOf(here, call.params[0] ?? said["uuid"] ?? said["id"]);
    const found = key && (await here.tx.misp.attribute(key, here.reader().reach));
    if (found === undefined) return no("WGL_ABSENT");
    const { attribute, event } = found;
    const held = attributeJson(attribute, { ids: here.ids, own: false });
    const kept = Object.fromEntries(proposed.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]]])));
    const one = checked(here, event, { ...held, Tag: [], ...kept });
    if (!one.ok) return one;
    const made = await propose(here, event, attribute, { ...one.value, proposal_to_delete: toDelete });
    return made.ok && toDelete ? done("The proposal to delete this attribute has been recorded") : made;
  };

const proposalAt = async (here: MispHere, text: unknown) => {
  const key = keyOf(here, text);
  return key && here.tx.misp.remark(["ShadowAttribute"], key, here.reader().reach);
};

/** `shadowAttributes/view` */
export const viewProposal: MispDo = async (here, call) => {
  const found = await proposalAt(here, call.params[0]);
  const one = found && printed(here, found.remark, found.event);
  if (found === undefined || one === undefined) return no("WGL_ABSENT");
  const answer = json({ ShadowAttribute: one });
  if (answer.ok)
    await recordRelease(
      here.tx,
      here.reader(),
      `/misp/shadowAttributes/view/${found.remark.uuid}`,
      [found],
      Buffer.from(answer.value.body),
    );
  return answer;
};

/** `shadowAttributes/index`: of an event, or all the asker may know of. */
export const listProposals: MispDo = async (here, call) => {
  const reader = here.reader();
  const asked = call.params[0] ?? call.input["event_id"] ?? call.input["eventid"];
  const of = asked === undefined ? undefined : await eventAt(here, asked);
  if (asked !== undefined && of === undefined) return no("WGL_ABSENT");
  const rows = await here.tx.misp.remarks(["ShadowAttribute"], of && [of.n], reader.reach, "no", proposalsAtMost);
  const found: { readonly event: MispEventRow; readonly json: Json }[] = [];
  for (const row of rows) {
    const event = of ?? (await here.tx.misp.event({ n: row.event }, reader.reach));
    const one = event && printed(here, row, event);
    if (event !== undefined && one !== undefined) found.push({ event, json: { ShadowAttribute: one } });
  }
  const body = JSON.stringify(found.map((one) => one.json));
  await recordRelease(here.tx, reader, "/misp/shadowAttributes/index", found, Buffer.from(body));
  return { ok: true, value: { body } };
};

/** `shadowAttributes/accept`: by whoever may change the event; it is done, and the proposal is over. */
export const acceptProposal: MispDo = async (here, call) => {
  const found = await proposalAt(here, call.params[0]);
  if (found === undefined) return no("WGL_ABSENT");
  const event = await eventToChange(here, found.event.uuid);
  if (!event.ok) return event;
  const { remark } = found;
  const { proposal_to_delete: toDelete, old_id: _, ...said } = remark.body;
  const acted =
    remark.saidOf === "Event"
      ? await addAttributes(here, {
          ...call,
          params: [event.value.uuid],
          input: {},
          body: { ...said, uuid: remark.uuid },
        })
      : toDelete === true
        ? await deleteAttribute(here, { ...call, params: [remark.target], input: {}, body: {} })
        : await changeAttribute(here, { ...call, params: [remark.target], input: {}, body: said });
  if (!acted.ok) return acted;
  await here.tx.misp.putRemark({ ...remark, deleted: true, changed: here.keeping.at });
  return done("Proposed change accepted.", { url: `/shadowAttributes/accept/${here.ids.of(remark.n)}` });
};

/** `shadowAttributes/discard`: by whoever may change the event, or by who made it. */
export const discardProposal: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const found = await proposalAt(here, call.params[0]);
  if (found === undefined) return no("WGL_ABSENT");
  const { remark } = found;
  if (remark.sender !== here.keeping.sender.party) {
    const event = await eventToChange(here, found.event.uuid);
    if (!event.ok) return event;
  }
  await here.tx.misp.putRemark({ ...remark, deleted: true, changed: here.keeping.at });
  return done("Proposal discarded.", { url: `/shadowAttributes/discard/${here.ids.of(remark.n)}` });
};
