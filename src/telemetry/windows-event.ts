/**
 * A Windows event as every reader of one gives it: flat, so that the names Sigma's rules use are the record's own.
 *   { Provider_Name, ProviderGuid, EventID: 4688, Version, Level, Task, Opcode, Keywords, TimeCreated, EventRecordID,
 *     ActivityID, ExecutionProcessID, ExecutionThreadID, Channel, Computer, UserID, …the event's own data by their names }
 * Data without a name are the list `Data`; a name that stands twice holds a list.
 */
export type WindowsEvent = Record<string, unknown>;

/** An element of an event's XML, text or binary. */
export interface EventElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (EventElement | string)[];
}

/** What the system says of an event stays what it is, whatever the event's own data are named. */
const ofSystem: ReadonlySet<string> = new Set(["Channel", "EventID", "Provider_Name", "Computer", "TimeCreated"]);

const whole: ReadonlySet<string> = new Set(["EventID", "Version", "Level", "Task", "Opcode", "EventRecordID"]);

/** Most data fields one event may have: Windows allows 99 in a template; more is a bomb. */
const mostFields = 4096;

/** Gathers one event; without a prototype, so that any name is only a name. */
export class EventGatherer {
  readonly fields: WindowsEvent = Object.create(null) as WindowsEvent;
  #count = 0;

  /** A property of `System`; numbers where Windows has numbers. Empty text says nothing. */
  system(name: string, value: unknown): void {
    if (value === undefined || value === null || value === "") return;
    this.fields[name] =
      whole.has(name) && typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  }

  /** One of the event's own data. */
  data(given: string, value: unknown): void {
    if (++this.#count > mostFields) return;
    const name = ofSystem.has(given) && Object.hasOwn(this.fields, given) ? `Data_${given}` : given;
    if (this.#data.has(name)) {
      const known = this.fields[name];
      if (Array.isArray(known)) known.push(value);
      else this.fields[name] = [known, value];
    } else {
      this.#data.add(name);
      this.fields[name] = value;
    }
  }

  readonly #data = new Set<string>();
}

/** Text of an element and of all within it. */
const textOf = (element: EventElement): string =>
  element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");

const elementsOf = (element: EventElement): readonly EventElement[] =>
  element.children.filter((child): child is EventElement => typeof child !== "string");

// [MS-EVEN6] and the event schema, `SystemPropertiesType`: attributes of the elements of `System`, as we name them
const attributeNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Provider: { Name: "Provider_Name", Guid: "ProviderGuid", EventSourceName: "EventSourceName" },
  EventID: { Qualifiers: "Qualifiers" },
  TimeCreated: { SystemTime: "TimeCreated" },
  Correlation: { ActivityID: "ActivityID", RelatedActivityID: "RelatedActivityID" },
  Execution: { ProcessID: "ExecutionProcessID", ThreadID: "ExecutionThreadID" },
  Security: { UserID: "UserID", UserId: "UserID" },
};

/** Where an attribute of a `System` element goes; undefined: nobody reads it. */
export const systemName = (element: string, attribute: string): string | undefined => {
  const names = attributeNames[element];
  return names !== undefined && Object.hasOwn(names, attribute) ? names[attribute] : undefined;
};

/** Elements of `System` that are their own text. */
export const systemTexts: ReadonlySet<string> = new Set([
  "EventID",
  "Version",
  "Level",
  "Task",
  "Opcode",
  "Keywords",
  "EventRecordID",
  "Channel",
  "Computer",
]);

/**
 * The event in an `Event` element.
 *
 * @returns undefined when it is no event: no `System` with an `EventID`
 * @see https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-schema
 */
export const eventOfElement = (root: EventElement): WindowsEvent | undefined => {
  const parts = elementsOf(root);
  const system = parts.find(({ name }) => name === "System");
  if (system === undefined) return undefined;
  const event = new EventGatherer();
  for (const element of elementsOf(system)) {
    if (systemTexts.has(element.name)) event.system(element.name, textOf(element));
    for (const [attribute, value] of Object.entries(element.attributes)) {
      const name = systemName(element.name, attribute);
      if (name !== undefined) event.system(name, value);
    }
  }
  if (typeof event.fields["EventID"] !== "number") return undefined;
  for (const part of parts) {
    if (part.name === "EventData") eventData(part, event);
    else if (part.name === "UserData") for (const own of elementsOf(part)) userData(own, event, 0);
    else if (part.name === "ProcessingErrorData" || part.name === "DebugData" || part.name === "BinaryEventData")
      userData(part, event, 0);
  }
  return event.fields;
};

/** `<EventData><Data Name="Image">…</Data><Data>…</Data><Binary>…</Binary></EventData>` */
const eventData = (part: EventElement, event: EventGatherer): void => {
  if (part.attributes["Name"] !== undefined) event.data("EventDataName", part.attributes["Name"]);
  for (const element of elementsOf(part)) {
    if (element.name === "Data") event.data(element.attributes["Name"] ?? "Data", textOf(element));
    else event.data(element.name, textOf(element));
  }
};

/** What a provider laid out by itself: every element that holds text, under its own name. */
const userData = (element: EventElement, event: EventGatherer, depth: number): void => {
  const inner = elementsOf(element);
  if (inner.length === 0) {
    const name = element.name === "Data" ? (element.attributes["Name"] ?? "Data") : element.name;
    event.data(name, textOf(element));
  } else if (depth < 8) for (const one of inner) userData(one, event, depth + 1);
};
