import type { FileAct, ProcessStart } from "#telemetry/format.ts";
import { processStart } from "#telemetry/process-start.ts";
import { type Fields, numberAt, textAt } from "#telemetry/record-fields.ts";

/** Process Activity [1007], activity 1: launch. */
export const processOf = (fields: Fields, uid: number): ProcessStart | undefined => {
  if (uid !== 1007 || numberAt(fields, "activity_id") !== 1) return undefined;
  return processStart(
    textAt(fields, "process.file.path", "process.path", "process.name"),
    textAt(fields, "process.cmd_line"),
    textAt(fields, "process.parent_process.file.path", "actor.process.file.path"),
  );
};

// File System Activity [1001], `activity_id`
const acts: Readonly<Record<number, FileAct["act"]>> = { 1: "create", 2: "read", 3: "write", 4: "delete", 5: "rename" };

/** File System Activity [1001]; of a rename `file_result` is what the file is then. */
export const fileOf = (fields: Fields, uid: number): FileAct | undefined => {
  if (uid !== 1001) return undefined;
  const act = acts[numberAt(fields, "activity_id") ?? 0];
  const path = textAt(fields, "file.path");
  if (act === undefined || path === undefined) return undefined;
  const to = act === "rename" ? textAt(fields, "file_result.path") : undefined;
  const image = textAt(fields, "actor.process.file.path");
  return { act, path, ...(to === undefined ? {} : { to }), ...(image === undefined ? {} : { image }) };
};
