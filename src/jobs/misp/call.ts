import type { Organisation } from "#community/organisation.ts";
import type { Purpose } from "#community/agreement.ts";
import type { Permission } from "#community/roles.ts";
import type { Viewer } from "#community/viewer.ts";
import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Desk } from "#jobs/acts/desk.ts";
import type { MispAnswer, MispCall } from "./asked.ts";
import type { MispEventRow, MispKey, MispReach } from "./port.ts";
import { eventModel, type MispKeeping } from "./keep.ts";
import { mispMarking } from "./marking.ts";
import type { MispReader } from "./read.ts";
import { organisationNumber } from "./shape.ts";
import type { Tx } from "#jobs/ports.ts";
import type { MispIds } from "#share/misp-ids.ts";
import { truth } from "#misp/scalar.ts";
import { readUuid } from "#misp/uuid.ts";
import { nameIn } from "#words/language.ts";

export type Json = Readonly<Record<string, unknown>>;

/** Where an act stands: one transaction, one asker. */
export interface MispHere {
  readonly desk: Desk;
  readonly tx: Tx;
  readonly viewer: Viewer;
  /** For whom it speaks; staff of a community without an organisation of its own speak for nobody. */
  readonly party?: Organisation;
  /** The community's own machine or staff: brings what others wrote, keeps their names. */
  readonly community: boolean;
  readonly staff: boolean;
  readonly now: Instant;
  readonly ids: MispIds;
  readonly reader: (purpose?: Purpose) => MispReader;
  readonly keeping: MispKeeping;
  readonly may: (permission: Permission) => boolean;
}

export type MispDo = (here: MispHere, call: MispCall) => Promise<Result<MispAnswer>>;

export const json = (value: unknown, headers?: Readonly<Record<string, string>>): Result<MispAnswer> =>
  ok({ body: JSON.stringify(value), ...(headers === undefined ? {} : { headers }) });

/** MISP's answer to an act that worked. */
export const done = (message: string, more: Json = {}): Result<MispAnswer> =>
  json({ saved: true, success: true, name: message, message, url: "", ...more });

/** "123" is an id as the asker knows it, anything else may be a UUID. */
export const keyOf = (here: MispHere, text: unknown): MispKey | undefined => {
  const written = typeof text === "number" ? String(text) : typeof text === "string" ? text.trim() : "";
  const n = here.ids.read(written);
  if (n !== undefined) return { n };
  const uuid = readUuid(written);
  return uuid === undefined ? undefined : { uuid };
};

/** An event the asker may see. */
export const eventAt = async (here: MispHere, text: unknown): Promise<MispEventRow | undefined> => {
  const key = keyOf(here, text);
  return key && here.tx.misp.event(key, here.reader().reach);
};

/**
 * An event the asker may change: what it brought itself (even while nobody else may see it), and for staff every one they
 * see.
 *
 * @returns WGL_ABSENT, WGL_HTTP_FORBIDDEN, WGL_MISP_OWN
 */
export const eventToChange = async (here: MispHere, text: unknown): Promise<Result<MispEventRow>> => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const key = keyOf(here, text);
  if (key === undefined) return no("WGL_ABSENT");
  const mine = await here.tx.misp.mine(key, here.keeping.sender.party);
  if (mine !== undefined && (here.keeping.sender.party !== undefined || here.community)) return ok(mine);
  const seen = await here.tx.misp.event(key, here.reader().reach);
  if (seen === undefined) return no("WGL_ABSENT");
  return here.staff ? ok(seen) : no("WGL_MISP_OWN");
};

/**
 * A part of an event (an attribute, an object) that somebody is about to change, by the rule of `eventToChange`: its sender's
 * own, or what staff may see.
 *
 * @param find of the part in a reach
 * @returns WGL_ABSENT, WGL_HTTP_FORBIDDEN, WGL_MISP_OWN
 */
export const partToChange = async <Part extends { readonly event: MispEventRow }>(
  here: MispHere,
  text: unknown,
  find: (key: MispKey, reach: MispReach) => Promise<Part | undefined>,
): Promise<Result<Part>> => {
  if (!here.may("objects.write")) return no("WGL_HTTP_FORBIDDEN");
  const key = keyOf(here, text);
  if (key === undefined) return no("WGL_ABSENT");
  const { party } = here.keeping.sender;
  const found = await find(key, { ...here.keeping.whole, ...(party === undefined ? {} : { own: party }) });
  if (found !== undefined && found.event.sender === party && (party !== undefined || here.community)) return ok(found);
  const seen = await find(key, here.reader().reach);
  if (seen === undefined) return no("WGL_ABSENT");
  return here.staff ? ok(seen) : no("WGL_MISP_OWN");
};

/** The keeping of whoever brought this event: staff who correct it do not become its owner. */
export const keepingOf = (here: MispHere, row: MispEventRow): MispKeeping => {
  const moved = movedTerms(here, row);
  if (row.sender === here.keeping.sender.party)
    return { ...here.keeping, sender: { ...here.keeping.sender, ...moved } };
  const organisation = row.sender === undefined ? undefined : here.desk.directory.known.organisation(row.sender);
  const { groups } = here.desk.directory.known.directory;
  return {
    ...here.keeping,
    sender: {
      ...moved,
      ...(row.sender === undefined ? {} : { party: row.sender }),
      ...(here.keeping.sender.anchor === undefined ? {} : { anchor: here.keeping.sender.anchor }),
      partner: organisation?.kind === "partner",
      ...(row.shadow === undefined ? {} : { shadow: row.shadow }),
      groups:
        row.sender === undefined ? groups : groups.filter(({ members }) => members.some((one) => one === row.sender)),
    },
  };
};

/** An event that moved in stays under the terms it came with, whoever edits it (misp-moved.ts). */
const movedTerms = (here: MispHere, row: MispEventRow): Pick<MispKeeping["sender"], "licence" | "unsaid"> => {
  const { licence, tlp } = row.marking;
  const isUnsaid =
    tlp === "amber" &&
    mispMarking(eventModel(row, here.ids), undefined, undefined, here.keeping.sender).tlp === "green";
  return { ...(licence === "own" ? {} : { licence }), ...(isUnsaid ? { unsaid: tlp } : {}) };
};

export const communityJson = (
  here: Pick<MispHere, "desk">,
): { readonly id: string; readonly name: string; readonly uuid: string } => {
  const { community } = here.desk.directory.known.directory;
  const uuid = readUuid(community.anchor) ?? here.desk.idOf("misp", "community");
  return { id: organisationNumber(uuid), name: nameIn(community.names, "en"), uuid };
};

/** An author as `author` of a released event names one; the community where it is not named. */
export const authorJson = (
  here: Pick<MispHere, "desk">,
  author: string,
): { readonly id: string; readonly name: string; readonly uuid: string } => {
  const [name = "", , uuid] = author.split("\n");
  if (name === "") return communityJson(here);
  const known = uuid ?? here.desk.idOf("misp-author", name.toLowerCase());
  return { id: organisationNumber(known), name, uuid: known };
};

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is deleted for good leaves no tombstone: "/1" behind its id, or `hard`. */
export const isHard = (call: MispCall): boolean => truth(call.params[1]) === true || truth(call.input["hard"]) === true;
