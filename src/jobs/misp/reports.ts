import { no, type Result } from "#core/result.ts";
import type { MispAnswer } from "./asked.ts";
import { done, eventAt, eventToChange, isHard, isJson, type Json, json, keepingOf, keyOf } from "./call.ts";
import type { MispDo, MispHere } from "./call.ts";
import { eventModel, touchEvent } from "./keep.ts";
import type { MispEventRow, MispRemarkRow } from "./port.ts";
import { recordRelease, remarkOut } from "./read.ts";
import { remarkRowOf } from "./remarks.ts";
import { eventHead } from "./whole.ts";
import { eventOut } from "./read.ts";

/** Reports of one answer. */
const reportsAtMost = 1000;

const given = (body: unknown): Json => (isJson(body) ? (isJson(body["EventReport"]) ? body["EventReport"] : body) : {});

const printed = (here: MispHere, row: MispRemarkRow, event: MispEventRow): Json | undefined => {
  const reader = here.reader();
  const out = remarkOut(row, event, reader);
  const head = eventOut(event, 0, reader);
  if (out === undefined || head === undefined) return undefined;
  const { id, uuid, info, org_id, orgc_id, Orgc } = eventHead(here, head);
  return { EventReport: out.value.part, Event: { id, uuid, info, org_id, orgc_id, Orgc } };
};

const answered = async (here: MispHere, row: MispRemarkRow, event: MispEventRow): Promise<Result<MispAnswer>> => {
  const one = printed(here, row, event);
  return one === undefined ? no("WGL_ABSENT") : json(one);
};

/** `eventReports/view` */
export const viewReport: MispDo = async (here, call) => {
  const key = keyOf(here, call.params[0]);
  const reader = here.reader();
  const found = key && (await here.tx.misp.remark(["EventReport"], key, reader.reach));
  const one = found && printed(here, found.remark, found.event);
  if (found === undefined || one === undefined) return no("WGL_ABSENT");
  const answer = json(one);
  if (answer.ok)
    await recordRelease(
      here.tx,
      reader,
      `/misp/eventReports/view/${found.remark.uuid}`,
      [found],
      Buffer.from(answer.value.body),
    );
  return answer;
};

/** `eventReports/index`: of an event, or the newest of all. */
export const listReports: MispDo = async (here, call) => {
  const reader = here.reader();
  const asked = call.input["event_id"] ?? call.input["event"] ?? call.params[0];
  const of = asked === undefined ? undefined : await eventAt(here, asked);
  if (asked !== undefined && of === undefined) return no("WGL_ABSENT");
  const rows = await here.tx.misp.remarks(["EventReport"], of && [of.n], reader.reach, "no", reportsAtMost);
  const found: { readonly event: MispEventRow; readonly json: Json }[] = [];
  for (const row of rows) {
    const event = of ?? (await here.tx.misp.event({ n: row.event }, reader.reach));
    const one = event && printed(here, row, event);
    if (event !== undefined && one !== undefined) found.push({ event, json: one });
  }
  const body = JSON.stringify(found.map((one) => one.json));
  await recordRelease(here.tx, reader, "/misp/eventReports/index", found, Buffer.from(body));
  return { ok: true, value: { body } };
};

/** `eventReports/add`: by whoever may change the event. */
export const addReport: MispDo = async (here, call) => {
  const report = given(call.body);
  const found = await eventToChange(here, call.params[0] ?? report["event_id"] ?? report["event_uuid"]);
  if (!found.ok) return found;
  const event = found.value;
  if (typeof report["name"] !== "string" || report["name"].trim() === "")
    return no("WGL_MISP_FIELD", { field: "name", what: "event report", wanted: "a text" });
  const place = keepingOf(here, event);
  const row = remarkRowOf(
    "EventReport",
    { content: "", ...report },
    { event: eventModel(event, here.ids), n: event.n, target: event.uuid, saidOf: "Event" },
    place,
  );
  if ((await here.tx.misp.remark(["EventReport"], { uuid: row.uuid }, here.keeping.whole))?.event.n === event.n)
    return no("WGL_MISP_EXISTS", { uuid: row.uuid });
  const n = await here.tx.misp.insertRemark(row);
  await touchEvent(here.tx, event, here.keeping.at);
  return answered(here, { ...row, n }, event);
};

/** A report the asker may change: of an event it may change. */
const reportToChange = async (
  here: MispHere,
  text: unknown,
): Promise<Result<{ readonly remark: MispRemarkRow; readonly event: MispEventRow }>> => {
  const key = keyOf(here, text);
  const found =
    key &&
    (await here.tx.misp.remark(["EventReport"], key, {
      ...here.keeping.whole,
      ...(here.keeping.sender.party === undefined ? {} : { own: here.keeping.sender.party }),
    }));
  if (found === undefined) return no("WGL_ABSENT");
  const event = await eventToChange(here, found.event.uuid);
  if (!event.ok) {
    const seen = key && (await here.tx.misp.remark(["EventReport"], key, here.reader().reach));
    return seen === undefined ? no("WGL_ABSENT") : event;
  }
  return { ok: true, value: { remark: found.remark, event: event.value } };
};

/** `eventReports/edit` */
export const changeReport: MispDo = async (here, call) => {
  const report = given(call.body);
  const found = await reportToChange(here, call.params[0] ?? report["uuid"] ?? report["id"]);
  if (!found.ok) return found;
  const { remark, event } = found.value;
  const { timestamp: _, ...said } = report;
  const row = remarkRowOf(
    "EventReport",
    {
      ...remark.body,
      distribution: remark.distribution,
      sharing_group_id: remark.sharingGroup,
      deleted: remark.deleted,
      ...said,
      uuid: remark.uuid,
    },
    { event: eventModel(event, here.ids), n: event.n, target: event.uuid, saidOf: "Event" },
    keepingOf(here, event),
  );
  const next = { ...row, n: remark.n };
  await here.tx.misp.putRemark(next);
  await touchEvent(here.tx, event, here.keeping.at);
  return answered(here, next, event);
};

/** `eventReports/delete`: marked deleted, or gone for good; `eventReports/restore` */
export const deleteReport =
  (deleted: boolean): MispDo =>
  async (here, call) => {
    const found = await reportToChange(here, call.params[0]);
    if (!found.ok) return found;
    const { remark, event } = found.value;
    if (deleted && isHard(call)) await here.tx.misp.removeRemark(remark.n);
    else await here.tx.misp.putRemark({ ...remark, deleted, changed: here.keeping.at });
    await touchEvent(here.tx, event, here.keeping.at);
    return done(deleted ? "Event Report deleted." : "Event Report restored.", {
      url: `/eventReports/${deleted ? "delete" : "restore"}/${here.ids.of(remark.n)}`,
    });
  };
