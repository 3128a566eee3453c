import { createContext, use } from "react";
import type { Me } from "@api/session.ts";

export const MeContext = createContext<Me | undefined>(undefined);

/** Who is signed in; only pages behind the sign-in use it. */
export const useMe = (): Me => {
  const me = use(MeContext);
  if (!me) throw new Error("waglan is wrong: nobody is signed in on this page");
  return me;
};

/** The community's time zone (IANA). */
export const useZone = (): string => use(MeContext)?.zone ?? "UTC";

export const mayReadQueue = (me: Me): boolean => me.staff && me.permissions.includes("findings.read");
/** Potential incidents: the wholes for staff, their own part for people of a member. */
export const mayReadIncidents = (me: Me): boolean => me.permissions.includes("incidents.read");
export const maySilence = (me: Me): boolean => me.staff && me.permissions.includes("findings.decide");
/** What is looked for and what was seen: staff's. */
export const mayReadAttack = (me: Me): boolean => me.staff && me.permissions.includes("sources.read");
/** A member's own alerts; staff read the same in the queue. */
export const mayReadAlerts = (me: Me): boolean => !me.staff && me.permissions.includes("findings.read");
/** What the community knows about weaknesses. */
export const mayReadAdvisories = (me: Me): boolean => me.permissions.includes("indicators.read");
/** What the community knows to be bad. */
export const mayReadIndicators = (me: Me): boolean => me.permissions.includes("indicators.read");
/** What of an organisation's products is known to be weak: theirs, or everybody's for staff. */
export const mayReadProducts = (me: Me): boolean => me.permissions.includes("findings.read");
/** The page of products: what concerns them, or at least the inventories they come from. */
export const mayOpenProducts = (me: Me): boolean => me.permissions.includes(me.staff ? "community.read" : "own.read");
/** What leaves to whom, with reasons that name what a party must not know: staff alone. */
export const mayReadSharing = (me: Me): boolean => me.staff && me.permissions.includes("releases.read");
/** A party's own lists, webhooks and tokens. */
export const mayKeepOwn = (me: Me): boolean => !me.staff && me.permissions.includes("own.write");
/** Sharing as its reader has it: staff sees all parties, a party its own. */
export const mayOpenSharing = (me: Me): boolean => mayReadSharing(me) || mayKeepOwn(me);
/** May set up what a party receives. */
export const mayWriteSharing = (me: Me): boolean => me.permissions.includes(me.staff ? "community.write" : "own.write");
export const mayKeepTokens = (me: Me): boolean => me.permissions.includes(me.staff ? "users.write" : "own.write");
export const mayReadCollections = (me: Me): boolean => me.staff && me.permissions.includes("community.read");
/** Brings in what came by hand. */
export const mayTakeIn = (me: Me): boolean => me.staff && me.permissions.includes("sources.write");
/** Judges values, and puts them aside. */
export const mayJudge = (me: Me): boolean => me.staff && me.permissions.includes("sources.decide");
/** Sensors inside their own organisations, and what left through them; staff of all. */
export const mayReadSensors = (me: Me): boolean => me.permissions.includes(me.staff ? "findings.decide" : "own.read");
/** Rules are staff's: their text may be under any licence. */
export const mayReadRules = (me: Me): boolean => me.staff && me.permissions.includes("sources.read");
/** Looks for values in what is kept of the past: staff of all, people of a member in what their sensors saw. */
export const mayHunt = (me: Me): boolean => me.permissions.includes(me.staff ? "findings.decide" : "findings.answer");
/** What is kept, since when and how much: all for staff, their own for people of a member. */
export const mayReadKept = (me: Me): boolean => me.permissions.includes(me.staff ? "system.read" : "own.read");
export const mayOpenHunts = (me: Me): boolean => mayHunt(me) || mayReadKept(me);
/** Says how long what is kept stays, and what may not go. */
export const mayKeepFor = (me: Me): boolean => me.staff && me.permissions.includes("community.write");
export const mayReadSources = (me: Me): boolean => me.permissions.includes("sources.read");

const signedIn = "waglan.signed-in";

/** Whether to ask for a session at all: a first visitor has none, and the question would be answered by an error. */
export const mayHaveSession = (): boolean => localStorage.getItem(signedIn) === "yes";

export const noteSession = (there: boolean): void => {
  if (there) localStorage.setItem(signedIn, "yes");
  else localStorage.removeItem(signedIn);
};
