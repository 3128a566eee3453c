import { equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Light, Me } from "#api/session.ts";
import { type FixtureServer, startFixture } from "./fixture-server.ts";

const chrome = process.env["WAGLAN_CHROMIUM"] ?? "/usr/bin/chromium";
const real = process.env["WAGLAN_BASE_URL"];
/** Why no browser test can run here; false: they can. */
export const absent: string | false = existsSync(chrome) ? false : `no browser at ${chrome}`;
/** Why a test that needs the fixture's own data cannot run; false: it can. */
export const needsFixture: string | false = absent || (real === undefined ? false : "needs the fixture's own data");

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const looks = [
  { language: "en", theme: "light" },
  { language: "zh-Hant-HK", theme: "dark" },
  { language: "zh-Hans", theme: "light" },
] as const;

export type Look = (typeof looks)[number];
export type Who = "staff" | "member" | "nobody";

/** The little of the page's own world that functions run inside it use; the program around has no DOM types. */
declare const document: {
  readonly documentElement: { readonly scrollWidth: number };
  readonly addEventListener: (
    name: "securitypolicyviolation",
    told: (event: { readonly violatedDirective: string; readonly blockedURI: string; readonly sample: string }) => void,
  ) => void;
};

/** The portal in a real browser: by itself against the fixture server, or a running waglan at `WAGLAN_BASE_URL`. */
export interface Stage {
  readonly base: string;
  readonly fixture: FixtureServer | undefined;
  readonly accounts: ReadonlyMap<Who, { readonly name: string; readonly password: string }>;
  /** What went wrong on any page since the last `clear`: console errors, exceptions, policy violations, dialogs. */
  readonly wrong: string[];
  readonly clear: () => void;
  readonly open: (
    who: Who,
    look: Look,
    path: string,
    width?: number,
    height?: number,
  ) => Promise<{ readonly page: Page; readonly context: BrowserContext }>;
  readonly close: () => Promise<void>;
}

export const openStage = async (): Promise<Stage> => {
  if (real === undefined) {
    const build = spawnSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "web"], {
      cwd: new URL("../../", import.meta.url),
      encoding: "utf8",
    });
    equal(build.status, 0, build.stderr);
    equal(/larger than|warning/i.test(build.stdout + build.stderr), false, build.stdout + build.stderr);
  }
  const fixture = real === undefined ? await startFixture() : undefined;
  const base = real ?? fixture?.url ?? "";
  const browser: Browser = await chromium.launch({ executablePath: chrome, args: flags });
  const accounts = await accountsOf(base);
  const wrong: string[] = [];
  return {
    ...{ base, fixture, accounts, wrong },
    clear: () => {
      wrong.length = 0;
      fixture?.reset();
      fixture?.fail(false);
    },
    open: async (who, look, path, width = 1280, height = 800) => {
      const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
      await context.addInitScript(
        (chosen) => {
          localStorage.setItem("waglan.language", chosen.language);
          localStorage.setItem("waglan.theme", chosen.theme);
          if (chosen.signedIn) localStorage.setItem("waglan.signed-in", "yes");
          document.addEventListener("securitypolicyviolation", (event) =>
            console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
          );
        },
        { ...look, signedIn: who !== "nobody" },
      );
      const account = accounts.get(who);
      if (account) {
        const answer = await context.request.post(`${base}/api/v1/session`, {
          headers: { "x-waglan": "1" },
          data: { name: account.name, password: account.password },
        });
        equal(answer.status(), 200);
      }
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") wrong.push(message.text());
      });
      page.on("pageerror", (error) => wrong.push(String(error)));
      page.on("dialog", (dialog) => {
        wrong.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(base + path);
      return { page, context };
    },
    close: async () => {
      await browser.close();
      await fixture?.close();
    },
  };
};

const accountsOf = async (base: string): Promise<Stage["accounts"]> => {
  const accounts = new Map<Who, { readonly name: string; readonly password: string }>();
  const light = (await (await fetch(`${base}/api/v1/light`)).json()) as Light;
  for (const account of light.sample ?? []) {
    const answer = await fetch(`${base}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-waglan": "1" },
      body: JSON.stringify({ name: account.name, password: account.password }),
    });
    const me = (await answer.json()) as Me;
    const who = me.staff && me.permissions.includes("findings.read") ? "staff" : "member";
    if (!accounts.has(who)) accounts.set(who, account);
  }
  ok(accounts.has("staff") && accounts.has("member"), "the sample community has accounts of staff and of a member");
  return accounts;
};

/** What axe finds, a line each. */
export const axe = async (page: Page): Promise<readonly string[]> => {
  const { violations, passes } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  ok(passes.length > 8, "axe looked at something");
  return violations.map((found) => {
    const node = found.nodes[0];
    return `${found.id} ×${found.nodes.length}: ${node?.target.join(" ")} ${node?.failureSummary ?? ""}`;
  });
};

export const widthOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
