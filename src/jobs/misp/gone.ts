import { no } from "#core/result.ts";
import { done, json, type MispDo } from "./call.ts";
import { organisationNumber } from "./shape.ts";

/** `eventBlocklists/index` */
export const listGone: MispDo = async (here) =>
  json(
    (await here.tx.misp.gone(here.keeping.sender.party)).map((one) => ({
      EventBlocklist: {
        id: organisationNumber(one.uuid),
        event_uuid: one.uuid,
        created: new Date(one.at).toISOString().slice(0, 19).replace("T", " "),
        event_info: one.info,
        event_orgc: one.orgc,
        comment: "",
      },
    })),
  );

/** `eventBlocklists/add` */
export const addGone: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const uuids = [call.input["uuids"] ?? call.input["uuid"] ?? []].flat().flatMap((one) => String(one).split(/[\s,]+/));
  const good = uuids
    .map((one) => one.toLowerCase())
    .filter((one) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(one));
  for (const uuid of good)
    await here.tx.misp.putGone(
      {
        uuid,
        info: String(call.input["event_info"] ?? ""),
        orgc: String(call.input["event_orgc"] ?? ""),
        at: here.now,
      },
      here.keeping.sender.party,
    );
  return json({ result: { successes: good, fails: uuids.filter((one) => !good.includes(one.toLowerCase())) } });
};

/** `eventBlocklists/delete`: by UUID or its number. */
export const removeGone: MispDo = async (here, call) => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const wanted = (call.params[0] ?? "").toLowerCase();
  const sender = here.keeping.sender.party;
  const found = (await here.tx.misp.gone(sender)).find(
    ({ uuid }) => uuid === wanted || organisationNumber(uuid) === wanted,
  );
  if (found === undefined || !(await here.tx.misp.removeGone(found.uuid, sender))) return no("WGL_ABSENT");
  return done("Blocklist entry removed.");
};
