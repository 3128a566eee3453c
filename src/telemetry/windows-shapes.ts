import { type Fields, isObject } from "./record-fields.ts";
import { eventOfElement, EventGatherer, systemName, systemTexts, type WindowsEvent } from "./windows-event.ts";
import { readEventXml } from "./windows-xml.ts";

const at = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

/** The first of these keys that holds something. */
const firstOf = (fields: Fields, names: readonly string[]): unknown => {
  for (const name of names) {
    const value = at(fields, name);
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return undefined;
};

/**
 * The event in a JSON object, whoever wrote it. What is told from the keys at the top, in the order asked:
 *   Event.System             XML made JSON: evtx_dump, python-evtx, Chainsaw (`#attributes`, `@Name`, `#text`)
 *   winlog, event_data       Winlogbeat 7 and later, Elastic Agent; Winlogbeat 6
 *   EventId and PayloadData  EvtxECmd
 *   EventData as XML text    Azure Monitor's tables Event and SecurityEvent
 *   anything else            flat: NXLog, OTRF, `Get-WinEvent | ConvertTo-Json`; the object itself, names put right
 *
 * @returns undefined when there is no event id
 */
export const windowsEventOf = (object: Fields): Fields | undefined => {
  // Most streams are flat, and this is asked of every line.
  if (typeof object["EventID"] === "number" && typeof object["Channel"] === "string" && isFlat(object))
    return ofFlat(object);
  const nested = at(object, "Event") ?? at(object, "event");
  if (isObject(nested) && isObject(at(nested, "System"))) return ofXmlMadeJson(nested);
  if (isObject(at(object, "System"))) return ofXmlMadeJson(object);
  const winlog = at(object, "winlog");
  if (isObject(winlog)) return ofWinlogbeat(object, winlog);
  if (isObject(at(object, "event_data")) || (Object.hasOwn(object, "event_id") && Object.hasOwn(object, "log_name")))
    return ofWinlogbeat(object, object);
  if (Object.hasOwn(object, "EventId") && (Object.hasOwn(object, "Payload") || Object.hasOwn(object, "PayloadData1")))
    return ofEvtxECmd(object);
  const data = at(object, "EventData");
  if (typeof data === "string" && data.trimStart().startsWith("<")) return ofAzure(object, data);
  if (isObject(data)) return ofFlatWithData(object, data);
  return ofFlat(object);
};

const isFlat = (object: Fields): boolean =>
  object["EventData"] === undefined && object["winlog"] === undefined && object["event_data"] === undefined;

/** Attributes and text of an element in the two common conventions: `{"#attributes":{…}}` and `{"@Name":…}`. */
const attributesOf = (value: unknown): readonly (readonly [string, unknown])[] => {
  if (!isObject(value)) return [];
  const grouped = at(value, "#attributes") ?? at(value, "$");
  if (isObject(grouped)) return Object.entries(grouped);
  return Object.entries(value)
    .filter(([name]) => name !== "#text")
    .map(([name, one]) => [name.replace(/^@/, ""), one] as const);
};

const textOf = (value: unknown): unknown => (isObject(value) ? (at(value, "#text") ?? at(value, "_")) : value);

const ofXmlMadeJson = (event: Fields): WindowsEvent | undefined => {
  const system = at(event, "System");
  if (!isObject(system)) return undefined;
  const made = new EventGatherer();
  for (const [element, value] of Object.entries(system)) {
    if (element === "Provider_attributes" || element.endsWith("_attributes")) {
      // evtx_dump --separate-json-attributes
      put(made, element.slice(0, -"_attributes".length), attributesOf({ "#attributes": value }));
      continue;
    }
    if (systemTexts.has(element)) made.system(element, textOf(value));
    put(made, element, attributesOf(value));
  }
  if (!named(made.fields)) return undefined;
  const data = at(event, "EventData");
  if (isObject(data)) eventData(data, made);
  const user = at(event, "UserData");
  if (isObject(user)) for (const own of Object.values(user)) leaves(own, made, 0);
  return made.fields;
};

const put = (made: EventGatherer, element: string, attributes: readonly (readonly [string, unknown])[]): void => {
  for (const [attribute, value] of attributes) {
    const name = systemName(element, attribute);
    if (name !== undefined) made.system(name, value);
  }
};

/** True when it has an id; "4624" is made the number that it is. */
const named = (fields: WindowsEvent): boolean => {
  const id = numberOf(fields["EventID"]);
  if (id === undefined) return false;
  fields["EventID"] = id;
  return true;
};

const numberOf = (value: unknown): number | undefined => {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
};

/** `{"Image":"…"}`, or `{"Data":[{"@Name":"Image","#text":"…"}, "unnamed"]}`, or `{"Data":{"#text":["a","b"]}}` */
const eventData = (data: Fields, made: EventGatherer): void => {
  for (const [name, value] of Object.entries(data)) {
    if (name.startsWith("@") || name.startsWith("#") || name.endsWith("_attributes")) continue;
    if (name !== "Data") {
      made.data(name, plain(value));
      continue;
    }
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      const key = attributesOf(one).find(([attribute]) => attribute === "Name")?.[1];
      const text = plain(one);
      if (typeof key === "string") made.data(key, text ?? "");
      else if (Array.isArray(text)) for (const item of text) made.data("Data", item);
      else if (text !== undefined && text !== null) made.data("Data", text);
    }
  }
};

/** A value without the wrapping that XML gave it. */
const plain = (value: unknown): unknown => {
  const text =
    isObject(value) && !Object.hasOwn(value, "#text") && attributesOf(value).length > 0 ? value : textOf(value);
  return isObject(text) ? (Object.hasOwn(text, "#attributes") ? undefined : text) : text;
};

/** Every value below, under its own key. */
const leaves = (value: unknown, made: EventGatherer, depth: number): void => {
  if (!isObject(value) || depth > 8) return;
  for (const [name, one] of Object.entries(value)) {
    if (name.startsWith("#") || name.startsWith("@") || name.endsWith("_attributes")) continue;
    const text = textOf(one);
    if (isObject(text) || (text === undefined && isObject(one))) leaves(one, made, depth + 1);
    else made.data(name, text);
  }
};

/** Winlogbeat: [beats] `winlogbeat/_meta/fields.common.yml`; version 6 has the same at the top. */
const ofWinlogbeat = (object: Fields, log: Fields): Fields | undefined => {
  const made = new EventGatherer();
  const host = at(object, "host");
  made.system("Provider_Name", firstOf(log, ["provider_name", "source_name"]));
  made.system("ProviderGuid", firstOf(log, ["provider_guid"]));
  made.system("EventID", numberOf(firstOf(log, ["event_id"])) ?? numberOf(code(object)));
  made.system("Version", at(log, "version"));
  made.system("Task", at(log, "task"));
  made.system("Opcode", at(log, "opcode"));
  made.system("Keywords", at(log, "keywords"));
  made.system(
    "Level",
    at(object, "level") ?? (isObject(at(object, "log")) ? at(at(object, "log") as Fields, "level") : undefined),
  );
  made.system("TimeCreated", firstOf(log, ["time_created"]) ?? firstOf(object, ["@timestamp"]));
  made.system("EventRecordID", firstOf(log, ["record_id", "record_number"]));
  made.system("ActivityID", at(log, "activity_id"));
  const process = at(log, "process");
  if (isObject(process)) {
    made.system("ExecutionProcessID", at(process, "pid"));
    const thread = at(process, "thread");
    if (isObject(thread)) made.system("ExecutionThreadID", at(thread, "id"));
  }
  made.system("Channel", firstOf(log, ["channel", "log_name"]));
  made.system("Computer", firstOf(log, ["computer_name"]) ?? (isObject(host) ? at(host, "name") : undefined));
  const user = at(log, "user");
  if (isObject(user)) made.system("UserID", at(user, "identifier"));
  made.system("Message", at(object, "message"));
  if (!named(made.fields)) return undefined;
  for (const part of ["event_data", "user_data"]) {
    const data = at(log, part);
    if (!isObject(data)) continue;
    for (const [name, value] of Object.entries(data)) {
      if (name === "xml_name") continue;
      // Unnamed data are param1, param2 …
      made.data(name, value);
      if (/^param\d+$/.test(name)) made.data("Data", value);
    }
  }
  return made.fields;
};

const code = (object: Fields): unknown => {
  const event = at(object, "event");
  return isObject(event) ? at(event, "code") : undefined;
};

/** EvtxECmd `--json`: names of its own, the data as JSON text in `Payload`. */
const ofEvtxECmd = (object: Fields): WindowsEvent | undefined => {
  const made = new EventGatherer();
  made.system("Provider_Name", at(object, "Provider"));
  made.system("EventID", numberOf(at(object, "EventId")));
  made.system("Level", at(object, "Level"));
  made.system("Keywords", at(object, "Keywords"));
  made.system("TimeCreated", at(object, "TimeCreated"));
  made.system("EventRecordID", at(object, "EventRecordId"));
  made.system("ExecutionProcessID", at(object, "ProcessId"));
  made.system("ExecutionThreadID", at(object, "ThreadId"));
  made.system("Channel", at(object, "Channel"));
  made.system("Computer", at(object, "Computer"));
  made.system("UserID", at(object, "UserId"));
  if (!named(made.fields)) return undefined;
  const payload = at(object, "Payload");
  if (typeof payload !== "string" || payload === "") return made.fields;
  let read: unknown;
  try {
    read = JSON.parse(payload);
  } catch {
    made.data("Payload", payload);
    return made.fields;
  }
  if (!isObject(read)) return made.fields;
  const data = at(read, "EventData");
  if (isObject(data)) eventData(data, made);
  const user = at(read, "UserData");
  if (isObject(user)) for (const own of Object.values(user)) leaves(own, made, 0);
  return made.fields;
};

/** Azure Monitor keeps the event's data as the XML they were. */
const ofAzure = (object: Fields, xml: string): Fields | undefined => {
  const read = readEventXml(`<Event><System><EventID>0</EventID></System>${xml}</Event>`);
  const data = read && eventOfElement(read);
  return data === undefined ? ofFlat(object) : withData(object, data);
};

const ofFlatWithData = (object: Fields, data: Fields): Fields | undefined => {
  const made = new EventGatherer();
  eventData(data, made);
  return withData(object, made.fields);
};

/** A flat record that keeps its data apart; what stands at the top wins. */
const withData = (object: Fields, data: Fields): Fields | undefined => {
  const flat = ofFlat(object);
  if (flat === undefined) return undefined;
  const { EventData: _, ...rest } = flat;
  return { ...data, ...rest };
};

/** The names that others use at the top of a flat record, by ours. */
const synonyms: readonly (readonly [string, readonly string[]])[] = [
  [
    "Provider_Name",
    ["SourceName", "ProviderName", "Provider", "provider_name", "source_name", "Source", "EventSourceName"],
  ],
  ["Channel", ["LogName", "EventLog", "channel", "log_name", "Logname"]],
  ["Computer", ["Hostname", "ComputerName", "MachineName", "computer_name", "HostName"]],
];

const ids: readonly string[] = ["EventID", "EventId", "Id", "event_id", "EventCode"];

/** The object itself where it can be: it is flat already, and 2 KB of text are not copied for three names. */
const ofFlat = (object: Fields): Fields | undefined => {
  const id = numberOf(at(object, "EventID")) ?? numberOf(textOf(firstOf(object, ids)));
  if (id === undefined) return undefined;
  let made: WindowsEvent | undefined;
  if (object["EventID"] !== id) made = { ...object, EventID: id };
  for (const [name, others] of synonyms) {
    if (typeof object[name] === "string") continue;
    const other = firstOf(object, others);
    if (typeof other === "string") (made ??= { ...object })[name] = other;
  }
  return made ?? object;
};
