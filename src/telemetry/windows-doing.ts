import type { FileAct, ProcessStart } from "./format.ts";
import { processStart } from "./process-start.ts";
import { type Fields, textAt } from "./windows-field.ts";

// What was done on the machine, as Windows events tell it: programs started, files made, changed and deleted.

/** Who logs: Sysmon on either system by its own numbers, or the Security log's auditing. */
export type Teller = "sysmon" | "security" | "other";

export const tellerOf = (channel: string): Teller => {
  const lower = channel.toLowerCase();
  if (lower === "microsoft-windows-sysmon/operational" || lower === "linux-sysmon/operational") return "sysmon";
  return lower === "security" ? "security" : "other";
};

/** Sysmon 1; 4688 of the Security log, which has the command only where a policy says so. */
export const processOf = (fields: Fields, teller: Teller, id: number): ProcessStart | undefined => {
  if (!(teller === "sysmon" && id === 1) && !(teller === "security" && id === 4688)) return undefined;
  return processStart(
    textAt(fields, "Image", "NewProcessName"),
    textAt(fields, "CommandLine", "ProcessCommandLine"),
    textAt(fields, "ParentImage", "ParentProcessName"),
  );
};

/** Sysmon's events of files; 27 and 28 were blocked, so nothing was done. */
const ofSysmon: Readonly<Record<number, FileAct["act"]>> = { 11: "create", 23: "delete", 26: "delete", 29: "create" };

/** Sysmon 11, 23, 26 and 29; of the Security log what was asked of a file (4663) or of a share (5145). */
export const fileOf = (fields: Fields, teller: Teller, id: number): FileAct | undefined => {
  const image = textAt(fields, "Image", "ProcessName");
  const by = image === undefined ? {} : { image };
  if (teller === "sysmon") {
    const act = ofSysmon[id];
    const path = textAt(fields, "TargetFilename");
    return act === undefined || path === undefined ? undefined : { act, path, ...by };
  }
  if (teller !== "security") return undefined;
  const act = askedFor(textAt(fields, "AccessMask"));
  if (act === undefined) return undefined;
  if (id === 4663) {
    const path = textAt(fields, "ObjectName");
    return path === undefined || textAt(fields, "ObjectType") !== "File" ? undefined : { act, path, ...by };
  }
  if (id !== 5145) return undefined;
  const [path, name] = [textAt(fields, "RelativeTargetName"), textAt(fields, "ShareName")];
  if (path === undefined) return undefined;
  // "\\*\HR$": the star is the server that wrote the event
  const share = name?.replace(/^\\\\\*\\/, `\\\\${textAt(fields, "Computer") ?? "*"}\\`);
  return { act, path, ...(share === undefined ? {} : { share }) };
};

/** By the right that counts most. [MS-DTYP] 2.4.3, and the file rights of [MS-SMB2] 2.2.13.1.1 */
const askedFor = (mask: string | undefined): FileAct["act"] | undefined => {
  const rights = mask !== undefined && /^0x[0-9a-f]{1,8}$/i.test(mask) ? Number(mask) : 0;
  if ((rights & 0x1_0000) !== 0) return "delete";
  if ((rights & 0x6) !== 0) return "write";
  return (rights & 0x1) !== 0 ? "read" : undefined;
};
