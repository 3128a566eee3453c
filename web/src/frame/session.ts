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
/** A member's own alerts; staff read the same in the queue. */
export const mayReadAlerts = (me: Me): boolean => !me.staff && me.permissions.includes("findings.read");
/** What the community knows about weaknesses. */
export const mayReadAdvisories = (me: Me): boolean => me.permissions.includes("indicators.read");
/** What the community knows to be bad. */
export const mayReadIndicators = (me: Me): boolean => me.permissions.includes("indicators.read");
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
export const mayReadSources = (me: Me): boolean => me.permissions.includes("sources.read");

const signedIn = "waglan.signed-in";

/** Whether to ask for a session at all: a first visitor has none, and the question would be answered by an error. */
export const mayHaveSession = (): boolean => localStorage.getItem(signedIn) === "yes";

export const noteSession = (there: boolean): void => {
  if (there) localStorage.setItem(signedIn, "yes");
  else localStorage.removeItem(signedIn);
};
