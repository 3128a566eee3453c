import { sco, type StixObject } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import type { ObjectPart, ObjectShape, Parts } from "./object-part.ts";
import type { PatternGroup } from "./pattern-text.ts";

const lists = ["to", "cc", "bcc"] as const;

/** Properties with a text of their own: relation, property, path in a pattern. */
const texts: readonly (readonly [relation: string, property: string])[] = [
  ["message-id", "message_id"],
  ["subject", "subject"],
];
const headers: readonly (readonly [relation: string, header: string, path: string])[] = [
  ["reply-to", "Reply-To", "reply_to"],
  ["x-mailer", "X-Mailer", "x_mailer"],
];

/** STIX 2.1 §6.6 Email Message, its addresses and its attachments. */
export const emailShape = (parts: Parts, uuid: string): ObjectShape => {
  const properties: Record<string, unknown> = {};
  const more: StixObject[] = [];
  const pattern: PatternGroup[] = [];
  const compare = (part: ObjectPart, path: string): void => {
    if (part.ids) pattern.push({ path: `email-message:${path}`, value: part.value });
  };
  const from = parts.one("from");
  for (const relation of lists) {
    const found = parts.many(relation);
    if (found.length === 0) continue;
    properties[`${relation}_refs`] = found.map(({ uuid: id }) => `email-addr--${id}`);
    for (const [index, part] of found.entries()) {
      more.push(mailbox(part, parts, relation));
      compare(part, `${relation}_refs[${index}].value`);
    }
  }
  if (from !== undefined) {
    properties["from_ref"] = `email-addr--${from.uuid}`;
    more.unshift(mailbox(from, parts, "from"));
    compare(from, "from_ref.value");
  }
  const sent = parts.one("send-date");
  if (sent !== undefined) {
    properties["date"] = stixDate(sent.value) ?? sent.value;
    if (sent.ids) pattern.push({ path: "email-message:date", value: sent.value, is: "time" });
  }
  for (const [relation, property] of texts) {
    const part = parts.one(relation);
    if (part === undefined) continue;
    properties[property] = part.value;
    compare(part, property);
  }
  const fields: [string, string][] = [];
  for (const [relation, header, path] of headers) {
    const part = parts.one(relation);
    if (part === undefined) continue;
    fields.push([header, part.value]);
    compare(part, `additional_header_fields.${path}`);
  }
  if (fields.length > 0) properties["additional_header_fields"] = Object.fromEntries(fields);
  const lines = parts.many("header");
  if (lines.length > 0) properties["received_lines"] = lines.map(({ value }) => value);
  const attached = [...parts.many("attachment"), ...parts.many("screenshot").filter(({ data }) => data !== undefined)];
  for (const [index, part] of attached.entries()) {
    more.push(...attachment(part));
    if (!part.ids) continue;
    compare(part, `body_multipart[${index}].body_raw_ref.name`);
    const path = `email-message:body_multipart[${index}].content_disposition`;
    pattern.push({ path, value: part.relation });
  }
  if (attached.length > 0)
    properties["body_multipart"] = attached.map(({ relation, value, uuid: id }) => ({
      body_raw_ref: `file--${id}`,
      content_disposition: `${relation}; filename='${value}'`,
    }));
  const body = attached.length > 0 ? undefined : parts.one("email-body");
  if (body !== undefined) {
    properties["body"] = body.value;
    compare(body, "body");
  }
  const customs = parts.customPattern("email-message:");
  return {
    objects: [
      sco("email-message", uuid, { is_multipart: attached.length > 0, ...properties, ...parts.custom() }),
      ...more,
    ],
    pattern: [...pattern, ...customs],
  };
};

const attachment = ({ uuid, value, data }: ObjectPart): readonly StixObject[] => [
  sco("file", uuid, { name: value, ...(data === undefined ? {} : { content_ref: `artifact--${uuid}` }) }),
  ...(data === undefined ? [] : [sco("artifact", uuid, { payload_bin: data, x_misp_filename: value })]),
];

const mailbox = (address: ObjectPart, parts: Parts, relation: string): StixObject => {
  const name = parts.all.find(
    (part) => part.relation === `${relation}-display-name` && part.fits && isOf(part.value, address.value),
  );
  const display = name === undefined ? undefined : parts.take(name);
  return sco("email-addr", address.uuid, {
    value: address.value,
    ...(display === undefined ? {} : { display_name: display.value }),
  });
};

/**
 * MISP does not say which display name belongs to which address. A name whose words or initials stand before the "@" is
 * its; any other pairing would be a guess, and such a name stays a property of the message.
 */
const isOf = (name: string, address: string): boolean => {
  const local = address.slice(0, address.lastIndexOf("@")).toLowerCase();
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const initials = words.map((word) => word[0] ?? "").join("");
  return words.some((word) => word.length > 2 && local.includes(word)) || (initials.length > 1 && local === initials);
};
