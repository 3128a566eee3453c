import { no, type Problem } from "#core/result.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import { done, eventToChange, isJson, type Json, json, keepingOf, type MispDo, type MispHere } from "./call.ts";
import { editEvent, keepEvent, rawEvent, readEventBody } from "./keep.ts";
import type { MispEventNew, MispEventRow } from "./port.ts";
import { forgetSighted } from "./sightings.ts";
import { writtenEvent } from "./view.ts";
import { nameIn } from "#words/language.ts";

/** `events/add` */
export const addEvent: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  if (!isJson(call.body)) return no("WGL_MISP_SHAPE", { wanted: "an event" });
  const read = readEventBody(call.body);
  if (!read.ok) return read;
  const { event, problems } = read.value;
  const { sender } = here.keeping;
  if (event.uuid !== undefined) {
    await here.tx.misp.lock(event.uuid, sender.party);
    const there =
      (await here.tx.misp.mine({ uuid: event.uuid }, sender.party)) ??
      (await here.tx.misp.event({ uuid: event.uuid }, here.reader().reach));
    if (there !== undefined) return no("WGL_MISP_EXISTS", { uuid: event.uuid });
    if (await here.tx.misp.isGone(event.uuid, sender.party)) return no("WGL_MISP_GONE", { uuid: event.uuid });
  }
  // Who brings what others wrote is the community's own machine; everybody else writes under its own name
  const said = event.Orgc;
  const orgc: MispEventNew["orgc"] =
    here.community && said !== undefined && said.name !== ""
      ? { name: said.name, ...(said.uuid === undefined ? {} : { uuid: said.uuid }) }
      : authorOf(here);
  const kept = await keepEvent(
    here.tx,
    { date: undefined, distribution: "1", ...event } as typeof event,
    orgc,
    here.keeping,
  );
  if (!kept.ok) return kept;
  if (event.published === true) await wakeClaims(here, kept.value.event);
  const errors = errorsOf(here, [...problems, ...kept.value.problems]);
  return writtenEvent(here, kept.value.event, errors, truth(call.input["metadata"]) === true);
};

const authorOf = (here: MispHere): MispEventNew["orgc"] => {
  const { party } = here;
  const { community } = here.desk.directory.known.directory;
  if (party === undefined) return { name: nameIn(community.names, "en") };
  const uuid = readUuid(party.id);
  return { name: nameIn(party.names, "en"), ...(uuid === undefined ? {} : { uuid }) };
};

/** What was not taken, where the client looks for it. */
export const errorsOf = (here: MispHere, problems: readonly Problem[]): Json =>
  problems.length === 0
    ? {}
    : {
        errors: Object.fromEntries(
          problems.map((one, index) => [`${index} ${one.at ?? ""}`, [`${one.code}: ${one.message}`]]),
        ),
        saved: true,
        skipped: here.ids ? problems.length : 0,
      };

/** `events/edit` */
export const changeEvent: MispDo = async (here, call) => {
  if (!isJson(call.body)) return no("WGL_MISP_SHAPE", { wanted: "an event" });
  const raw = rawEvent(call.body);
  const found = await eventToChange(here, call.params[0] ?? raw["uuid"] ?? raw["id"]);
  if (!found.ok) return found;
  const held = found.value;
  await here.tx.misp.lock(held.uuid, held.sender);
  const edited = await editEvent(here.tx, held, raw, keepingOf(here, held));
  if (!edited.ok) return edited;
  const now = await here.tx.misp.mine({ n: held.n }, held.sender);
  // What was published and is said to be so no more is taken back; an edit that only leaves it to be published again is not
  const unpublished = held.publishedAt > 0 && truth(raw["published"]) === false;
  if (unpublished && now !== undefined) await here.tx.misp.putEvent({ ...now, publishedAt: 0 });
  if (now?.published === true || unpublished) await wakeClaims(here, held.n);
  return writtenEvent(here, held.n, errorsOf(here, edited.value.problems), truth(call.input["metadata"]) === true);
};

/** `events/delete`: gone with all parts; its UUID stays on the block-list, so that no pull brings it back. */
export const deleteEvent: MispDo = async (here, call) => {
  const found = await eventToChange(here, call.params[0] ?? call.input["id"]);
  if (!found.ok) return found;
  const row = found.value;
  await forgetSighted(here, await here.tx.misp.sightedOf(row.n));
  await here.tx.misp.putGone({ uuid: row.uuid, info: row.info, orgc: row.orgc.name, at: here.now }, row.sender);
  await here.tx.misp.removeEvent(row.n);
  await here.tx.evidence.leaf({
    kind: "policy",
    subject: "misp",
    data: { act: "event deleted", uuid: row.uuid, ...(row.sender === undefined ? {} : { sender: row.sender }) },
    at: here.now,
  });
  await wakeClaims(here, row.n, row);
  return done("Event deleted.", { url: `/events/delete/${here.ids.of(row.n)}` });
};

/** `events/publish`, `events/alert`, `events/unpublish` */
export const publishEvent =
  (published: boolean): MispDo =>
  async (here, call) => {
    const found = await eventToChange(here, call.params[0]);
    if (!found.ok) return found;
    const row = found.value;
    // 0: it is published no more, and what it said is taken back; an event that was only changed since keeps the time
    await here.tx.misp.putEvent({ ...row, published, publishedAt: published ? here.keeping.at : 0 });
    await wakeClaims(here, row.n);
    return done(published ? "Job queued" : "Event unpublished.", {
      id: here.ids.of(row.n),
      url: `/events/${published ? "publish" : "unpublish"}`,
    });
  };

/** `events/filterEventIdsForPush`: of another instance's events, those it may push: new here, or newer than here. */
export const filterEvents: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const list = Array.isArray(call.body) ? call.body.slice(0, 10_000) : [];
  const gone = new Set((await here.tx.misp.gone(here.keeping.sender.party)).map(({ uuid }) => uuid));
  const wanted: string[] = [];
  for (const one of list) {
    const event = isJson(one) ? rawEvent(one) : {};
    const uuid = readUuid(event["uuid"]);
    if (uuid === undefined || gone.has(uuid)) continue;
    const held = await here.tx.misp.mine({ uuid }, here.keeping.sender.party);
    if (held === undefined || Number(event["timestamp"] ?? 0) > held.changed) wanted.push(uuid);
  }
  return json(wanted);
};

/** What was published reaches intelligence by a job of its own, under the event's number. */
export const wakeClaims = async (here: MispHere, n: number, row?: MispEventRow): Promise<void> => {
  const gone = row === undefined ? {} : { gone: row.uuid, sender: row.sender ?? "" };
  await here.tx.queue.put("join-misp", row === undefined ? String(n) : `gone ${n}`, gone, here.now);
};
