import type { FileAct, ProcessStart } from "#telemetry/format.ts";
import { processStart } from "#telemetry/process-start.ts";
import { type Fields, textAt, textsAt } from "#telemetry/record-fields.ts";

/** ECS, "event.category": process, of type start. */
export const processOf = (fields: Fields): ProcessStart | undefined => {
  if (!textsAt(fields, "event.category").includes("process") || !textsAt(fields, "event.type").includes("start"))
    return undefined;
  return processStart(
    textAt(fields, "process.executable", "process.name"),
    textAt(fields, "process.command_line"),
    textAt(fields, "process.parent.executable", "process.parent.name"),
  );
};

// ECS, "event.type"
const acts: Readonly<Record<string, FileAct["act"]>> = {
  creation: "create",
  deletion: "delete",
  change: "write",
  access: "read",
};

/** ECS, "event.category": file. A rename is a change; Elastic's own agent says from where by `file.Ext.original.path`. */
export const fileOf = (fields: Fields): FileAct | undefined => {
  if (!textsAt(fields, "event.category").includes("file")) return undefined;
  const path = textAt(fields, "file.path");
  if (path === undefined) return undefined;
  const image = textAt(fields, "process.executable");
  const by = image === undefined ? {} : { image };
  const before = textAt(fields, "file.Ext.original.path");
  if (before !== undefined && before !== path) return { act: "rename", path: before, to: path, ...by };
  const type = textsAt(fields, "event.type").find((one) => Object.hasOwn(acts, one));
  const act = type === undefined ? undefined : acts[type];
  return act === undefined ? undefined : { act, path, ...by };
};
