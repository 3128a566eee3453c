import Type from "typebox";
import { intakeFileAtMost } from "#api/file-limits.ts";
import { IntakeNew, IntakeReceipt, RejectedPage, RejectedRepair } from "#api/intake.ts";
import { answered, type Route, route } from "#http/route.ts";
import { Cursor, IdPath } from "./path.ts";

const RejectedAsked = Type.Object(
  { cursor: Type.Optional(Cursor), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) },
  { additionalProperties: false },
);

/** What analysts bring in by hand, and what sources brought that could not be taken. */
export const intakeRoutes: readonly Route[] = [
  route({
    method: "POST",
    url: "/api/v1/intake",
    who: "sources.write",
    does: "Submit a text or a file: what it holds is taken as this community's own word, or told first",
    body: IntakeNew,
    bodyLimit: Math.ceil(intakeFileAtMost / 3) * 4 + 3 * 1024 * 1024,
    gives: IntakeReceipt,
    handle: async ({ acts, viewer, ask, body }) => answered(await acts.submitIntake(viewer, body, ask)),
  }),
  route({
    method: "GET",
    url: "/api/v1/sources/:id/rejected",
    who: "sources.read",
    does: "Rows a source was refused, newest first, as they came and with the reason",
    params: IdPath,
    query: RejectedAsked,
    gives: RejectedPage,
    handle: async ({ acts, viewer, ask, params, query: { limit = 200, ...rest } }) =>
      answered(await acts.rejectedRows(viewer, params.id, { ...rest, limit }, ask)),
  }),
  route({
    method: "POST",
    url: "/api/v1/sources/:id/rejected/repair",
    who: "sources.decide",
    does: "Read refused rows again as a person mended them; what is taken is refused no more",
    params: IdPath,
    body: RejectedRepair,
    bodyLimit: 4 * 1024 * 1024,
    gives: IntakeReceipt,
    handle: async ({ acts, viewer, ask, params, body }) =>
      answered(await acts.repairRejected(viewer, params.id, body, ask)),
  }),
];
