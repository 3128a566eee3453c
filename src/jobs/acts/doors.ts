import { canonicalAccount, hashPassword, outdated, verifyPassword } from "#community/password.ts";
import { may } from "#community/may.ts";
import { permissions } from "#community/roles.ts";
import { makeSessionSecret } from "#community/token.ts";
import { after, hour, printInstant } from "#core/instant.ts";
import { no, ok } from "#core/result.ts";
import type { Doors, Session } from "./port.ts";
import type { OpenSession } from "#jobs/community/accounts.ts";
import { languages, nameIn } from "#words/language.ts";
import type { Desk } from "./desk.ts";
import { viewerOfAccount, viewerOfToken } from "./viewer-of.ts";
import { watching } from "./watch.ts";
import { accountOf, organisationName } from "./who.ts";

/** A day's shift and no more: whoever leaves a desk unlocked is signed out before the next one comes. */
const sessionHours = 12;

/** Coming in, staying, going out. Who a viewer is comes from the directory as it is at each request. */
export const doors = (desk: Desk): Doors => ({
  light: async () => {
    const { names, zone } = desk.directory.known.directory.community;
    const [en, hant, hans] = languages.map((language) => nameIn(names, language));
    return {
      community: { en: en ?? "", "zh-Hant-HK": hant ?? "", "zh-Hans": hans ?? "" },
      zone,
      ...desk.light(),
      ...(desk.sample === undefined ? {} : { sample: [...desk.sample] }),
    };
  },

  signIn: async (name, password) => {
    const canonical = canonicalAccount(name);
    const account = canonical.includes("\0") ? undefined : await desk.accounts.byName(canonical);
    const fits = await verifyPassword(password, account?.password);
    const viewer = account && fits ? viewerOfAccount(account, desk.directory.known) : undefined;
    if (!account || !viewer) return no("WGL_SIGN_IN");
    if (outdated(account.password))
      await desk.accounts.rehash(account.id, await hashPassword(password, desk.random(16)));
    const now = desk.now();
    const { text: secret, hash } = makeSessionSecret(desk.random(32));
    const session: Session = {
      id: Buffer.from(desk.random(16)).toString("hex"),
      viewer,
      until: after(now, sessionHours * hour),
    };
    await desk.accounts.sweepSessions(now);
    await desk.accounts.openSession(hash, session.id, account.id, now, session.until);
    return ok({ secret, session });
  },

  session: async (hash) => {
    const open = await desk.accounts.session(hash, desk.now());
    return open && sessionOf(desk, open);
  },

  signOut: (session) => desk.accounts.closeSession(session.id),

  me: async ({ viewer }, { language }) => {
    const { community } = desk.directory.known.directory;
    const account = await accountOf(desk, viewer);
    const own = viewer.kind === "staff" ? viewer.own : [...new Set(viewer.seats.map((seat) => seat.organisation))];
    return {
      name: account?.display ?? "",
      language: account?.language ?? language,
      staff: viewer.kind === "staff",
      organisations: own.map((id) => ({ id, name: organisationName(desk, id, language) })),
      permissions: permissions.filter((permission) => may(viewer, permission)),
      community: nameIn(community.names, language),
      zone: community.zone,
      now: printInstant(desk.now()),
    };
  },

  bearer: async ({ prefix, hash }) => {
    const token = await desk.accounts.token(hash, desk.now());
    return token?.prefix === prefix ? viewerOfToken(token, desk.directory.known) : undefined;
  },

  watch: watching(desk, (open) => sessionOf(desk, open)),
});

const sessionOf = (desk: Desk, { id, until, account }: OpenSession): Session | undefined => {
  const viewer = viewerOfAccount(account, desk.directory.known);
  return viewer && { id, viewer, until };
};
