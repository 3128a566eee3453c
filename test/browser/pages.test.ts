import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { payload } from "./fixture.ts";
import { absent, axe, looks, needsFixture, openStage, type Stage, type Who, widthOf } from "./stage.ts";

/** The little of the page's own world that functions run inside it use. */
declare const document: {
  readonly activeElement: {
    readonly tagName: string;
    readonly className: string;
    readonly parentElement: { readonly outerHTML: string } | null;
    readonly outerHTML: string;
    readonly closest: (selector: string) => unknown;
  } | null;
};
declare const requestAnimationFrame: (then: (at: number) => void) => void;
declare const getComputedStyle: (part: unknown) => { readonly outlineStyle: string; readonly outlineWidth: string };

/** Every page about what comes in and what goes out: where, for whom, what shows that it is there, and what opens more of it. */
const pages: readonly {
  readonly name: string;
  readonly who: Who;
  readonly path: string;
  readonly shown: string;
  readonly more?: (page: Page) => Promise<void>;
}[] = [
  { name: "indicators", who: "staff", path: "/indicators", shown: ".indicators tbody tr" },
  {
    ...{ name: "indicator", who: "staff", path: "/indicators/i-1", shown: ".verdict" },
    more: async (page) => {
      await page.locator(".sheet-side .destructive").click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    ...{ name: "intake", who: "staff", path: "/indicators/intake", shown: ".intake textarea" },
    more: async (page) => {
      await page.locator(".intake textarea").fill("hxxps://login-harbour[.]example/a.php and 198.51.100.24, 1.2.3.4");
      await page.locator(".intake .filled").click();
      await page.locator(".refused tbody tr").first().waitFor();
    },
  },
  { name: "verdicts", who: "staff", path: "/indicators/verdicts", shown: ".verdicts tbody tr" },
  {
    ...{ name: "exclusions", who: "staff", path: "/indicators/exclusions", shown: ".exclusions tbody tr" },
    more: async (page) => {
      await page.locator(".check input").fill("cdn[.]example");
      await page.keyboard.press("Enter");
      await page.locator(".check .mark").waitFor();
    },
  },
  {
    ...{ name: "rejected", who: "staff", path: "/sources/abusech-feodo/rejected", shown: ".rejected textarea" },
    more: async (page) => {
      await page.locator(".rejected textarea").first().fill("198.51.100.9,bot");
      await page.locator(".repair-acts .filled").click();
      await page.locator(".result h2").waitFor();
    },
  },
  {
    ...{ name: "weaknesses", who: "staff", path: "/products", shown: ".weaknesses tbody tr" },
    more: async (page) => {
      await page.locator(".filters input[type=checkbox]").nth(1).click();
      await page.locator(".weaknesses tbody tr").nth(1).waitFor({ state: "detached" });
    },
  },
  { name: "weakness", who: "staff", path: "/products/weakness?of=CVE-2026-10417", shown: ".matches tbody tr" },
  { name: "sharing", who: "staff", path: "/sharing", shown: ".sharing tbody tr" },
  { name: "preview", who: "staff", path: "/sharing/o-strait", shown: ".preview-fields tbody tr" },
  { name: "collections", who: "staff", path: "/sharing/collections", shown: ".collections tbody tr" },
  {
    ...{ name: "collection", who: "staff", shown: ".rights tbody tr" },
    path: "/sharing/collections/3f0a2d1c-0002-4000-8000-000000000002",
    more: async (page) => {
      await page.locator(".rights input").nth(2).click();
      await page.locator(".rights .changed").waitFor();
    },
  },
  {
    ...{ name: "lists", who: "member", path: "/sharing/o-transport/lists", shown: ".lists .counted" },
    more: async (page) => {
      await page.locator(".form.inline input").first().fill("Resolver, Wan Chai");
      await page.locator(".form.inline button").click();
      await page.locator(".secret-text").waitFor();
    },
  },
  {
    ...{ name: "webhooks", who: "member", path: "/sharing/o-transport/webhooks", shown: ".deliveries tbody tr" },
    more: async (page) => {
      await page.locator(".form input[type=url]").fill("https://hook.transport.example/in");
      await page.locator(".form button[type=submit]").click();
      await page.locator(".secret-text").waitFor();
    },
  },
];

describe("pages of what comes in and what goes out", { skip: absent || needsFixture }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(async () => stage?.close());
  beforeEach(() => stage.clear());
  const well = (): void => {
    deepEqual(stage.wrong, []);
    deepEqual(stage.fixture?.reports, []);
  };

  for (const look of looks)
    test(`no axe finding, no broken policy, nothing of a stranger acts: ${look.language}, ${look.theme}`, async () => {
      for (const { name, who, path, shown, more } of pages) {
        const { page, context } = await stage.open(who, look, path);
        await page.locator(shown).first().waitFor();
        deepEqual(await axe(page), [], name);
        await more?.(page);
        deepEqual(await axe(page), [], `${name}, opened`);
        equal(await page.locator("img, script:not([src])").count(), 0, name);
        await context.close();
      }
      well();
    });

  test("none scrolls sideways at 320 px, empty or full", async () => {
    for (const { name, who, path, shown, more } of pages) {
      const { page, context } = await stage.open(who, looks[0], path, 320, 640);
      await page.locator(shown).first().waitFor();
      equal(await widthOf(page), 320, name);
      await more?.(page);
      equal(await widthOf(page), 320, `${name}, opened`);
      await context.close();
    }
    well();
  });

  test("every tab stop of a page shows where it is", async () => {
    for (const { name, who, path, shown, more } of pages) {
      if (name === "indicator") continue; // its dialog keeps the focus
      const { page, context } = await stage.open(who, looks[0], path);
      await page.locator(shown).first().waitFor();
      await more?.(page);
      const unseen: string[] = [];
      for (let stop = 0; stop < 60; stop++) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => {
          const held = document.activeElement;
          if (held === null || held.tagName === "BODY") return "";
          const around = held.closest(".filter, .choice, .go-to, .drop");
          const label = held.className === "unseen" ? held.closest(".drop") : undefined;
          const seen =
            label !== undefined ||
            [held, around].some((part) => {
              if (part === null) return false;
              const { outlineStyle, outlineWidth } = getComputedStyle(part);
              return outlineStyle !== "none" && outlineWidth !== "0px";
            });
          return seen ? "" : held.outerHTML.slice(0, 160);
        });
        if (at !== "") unseen.push(at);
      }
      deepEqual(unseen, [], name);
      await context.close();
    }
    well();
  });

  test("a result leads to itself who waits for it, and where that is can be seen; who went on is left alone", async () => {
    for (const goesOn of [false, true]) {
      const { page, context } = await stage.open("staff", looks[0], "/indicators/intake");
      const held = Promise.withResolvers<void>();
      await page.route("**/intake", async (route) => {
        if (route.request().method() === "POST") await held.promise;
        await route.continue();
      });
      await page.locator(".intake textarea").fill("198.51.100.24");
      await page.locator(".intake .filled").press("Enter");
      await page.locator('.intake button[type="submit"]:disabled').waitFor();
      if (goesOn) await page.locator(".intake textarea").focus();
      held.resolve();
      await page.locator(".found tbody tr").first().waitFor();
      if (goesOn) {
        // the focus would come with the frame after the rows
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        equal(await page.locator(".intake textarea:focus").count(), 1);
      } else {
        await page.locator(".result:focus-visible").waitFor();
        const outline = await page.locator(".result").evaluate((part) => getComputedStyle(part).outlineStyle);
        equal(outline, "solid");
      }
      await context.close();
    }
    well();
  });

  test("navigation stays calm: the new pages are tabs, and a page stands only for those who may read it", async () => {
    const staff = await stage.open("staff", looks[0], "/indicators");
    await staff.page.locator(".indicators tbody tr").first().waitFor();
    const places = await staff.page.locator(".navigation-list a").evaluateAll((all) => all.map((one) => String(one)));
    deepEqual(
      places.filter((place) => /intake|verdicts|exclusions|collections|lists|webhooks/.test(place)),
      [],
    );
    deepEqual(await staff.page.locator(".page-tabs a").allInnerTexts(), [
      "Listed",
      "Bring in",
      "Verdicts",
      "Exclusions",
    ]);
    for (const [tab, shown] of [
      ["Bring in", ".intake"],
      ["Verdicts", ".verdicts"],
      ["Exclusions", ".exclusions"],
      ["Listed", ".indicators"],
    ] as const) {
      await staff.page.locator(".page-tabs").getByRole("link", { name: tab }).press("Enter");
      await staff.page.locator(shown).first().waitFor();
      equal(await staff.page.locator('.page-tabs [aria-current="page"]').innerText(), tab);
      equal(await staff.page.locator('.navigation a[data-here="true"]').innerText(), "Indicators");
    }
    await staff.context.close();
    for (const path of [
      "/indicators/intake",
      "/indicators/verdicts",
      "/indicators/exclusions",
      "/sharing/collections",
    ]) {
      const member = await stage.open("member", looks[0], path);
      await member.page.getByRole("heading", { name: "There is no such page" }).waitFor();
      await member.context.close();
    }
    const own = await stage.open("member", looks[0], "/sharing");
    await own.page.locator(".table.lists").waitFor();
    match(own.page.url(), /\/sharing\/o-transport\/lists$/);
    deepEqual(await own.page.locator(".page-tabs a").allInnerTexts(), ["Lists", "Webhooks"]);
    await own.context.close();
    well();
  });

  test("intake: looked at first, then taken without what was left out and with what was doubted", async () => {
    const { page, context } = await stage.open("staff", looks[0], "/indicators/intake");
    await page.locator(".intake .filled").click();
    match(await page.locator(".field-problem").innerText(), /one of them/);
    await page.locator(".intake textarea").fill("hxxps://login-harbour[.]example/a.php then 198.51.100.24; 1.2.3.4");
    await page.locator(".intake .filled").click();
    const rows = page.locator(".found tbody tr");
    await rows.first().waitFor();
    equal(await rows.count(), 2);
    match(await rows.first().innerText(), /read from a defanged form/);
    match(await rows.nth(1).innerText(), /as it is/);
    // focus comes with the frame after the rows
    await page.locator(".result:focus").waitFor();
    await rows.nth(1).locator("input").press("Space");
    await page.locator(".refused input").first().press("Space");
    equal(await page.locator(".refused input").count(), 1, "only what is doubtful can be taken all the same");
    const sent = page.waitForRequest((request) => request.url().endsWith("/intake"));
    await page.getByRole("button", { name: "Take 2" }).press("Enter");
    const body = (await sent).postDataJSON() as Record<string, unknown>;
    deepEqual([body["without"], body["also"], body["dryRun"]], [["198.51.100.24"], ["1.2.3.4"], undefined]);
    // not "Not taken", which stood there before
    await page.getByRole("heading", { name: "Taken", exact: true }).waitFor();
    equal(await page.locator(".intake textarea").inputValue(), "");
    await page.getByRole("link", { name: "login-harbour.example" }).click();
    await page.waitForURL(/\/indicators\?search=/);
    await context.close();

    const dropped = await stage.open("staff", looks[0], "/indicators/intake");
    await dropped.page.locator(".drop input").setInputFiles({
      ...{ name: `mail ${payload.slice(0, 30)}.eml`, mimeType: "message/rfc822" },
      buffer: Buffer.from("From: a@b.example\r\n\r\n198[.]51.100.24"),
    });
    await dropped.page.locator(".drop-file").waitFor();
    const asked = dropped.page.waitForRequest((request) => request.url().endsWith("/intake"));
    await dropped.page.locator(".intake .filled").click();
    const file = ((await asked).postDataJSON() as { file: { base64: string } }).file;
    match(Buffer.from(file.base64, "base64").toString("utf8"), /^From: a@b\.example\r\n\r\n198/);
    await dropped.page.locator(".found tbody tr").first().waitFor();
    await dropped.context.close();
    well();
  });

  test("rejected rows: exported safely, mended in place, tried, and replayed", async () => {
    const { page, context } = await stage.open("staff", looks[0], "/sources/abusech-feodo/rejected");
    await page.locator(".rejected textarea").first().waitFor();
    equal(await page.locator(".rejected tbody tr").count(), 4);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export as CSV" }).click();
    const download = await saving;
    equal(download.suggestedFilename(), "abusech-feodo-refused.csv");
    const csv = await readFile(await download.path(), "utf8");
    match(csv, /^n,turn,at,part,row,code,says,text\r\n4,7,/);
    ok(csv.includes(`"'=HYPERLINK(""x""),two"`), "a cell that a spreadsheet would run is made text");

    await page.locator(".rejected textarea").nth(0).fill("198.51.100.9,bot");
    await page.locator(".rejected textarea").nth(1).fill("still not an address");
    match(await page.locator(".repair-acts").innerText(), /2 rows mended/);
    await page.getByRole("button", { name: "Try" }).click();
    await page.getByRole("heading", { name: "1 value would be taken" }).waitFor();
    match(await page.locator(".result").innerText(), /1 row is still refused/);
    equal(await page.locator(".rejected tbody tr").count(), 4, "trying takes nothing");
    await page.getByRole("button", { name: "Replay 1" }).click();
    await page.getByRole("heading", { name: "1 value taken" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.className === "result");
    await page.locator(".rejected tbody tr").nth(3).waitFor({ state: "detached" });
    equal(await page.locator(".rejected tbody tr").count(), 3);
    await context.close();
    well();
  });

  test("verdicts are undone with a reason; an exclusion is asked about, put up and ended", async () => {
    const { page, context } = await stage.open("staff", looks[0], "/indicators/verdicts");
    const first = page.locator(".verdicts").first();
    await first.locator("tbody tr").first().waitFor();
    equal(await first.locator("tbody tr").count(), 2);
    match(
      await page.locator(".tlp-strip").first().innerText(),
      /TLP:RED/,
      "the page is as strict as what stands on it",
    );
    const undo = first.getByRole("button").first();
    await undo.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button").first().click();
    await dialog.locator(".field-problem").waitFor();
    await dialog.locator("textarea").fill("the provider confirmed it");
    await dialog.getByRole("button").first().click();
    await dialog.waitFor({ state: "detached" });
    await first.locator("tbody tr").nth(1).waitFor({ state: "detached" });
    equal(await page.locator(".verdicts").nth(1).locator("tbody tr").count(), 4);

    await page.locator(".page-tabs").getByRole("link", { name: "Exclusions" }).click();
    await page.locator(".check input").fill("cdn[.]example");
    await page.keyboard.press("Enter");
    match(await page.locator(".check .mark").innerText(), /cdn\.example \(Domain name\) is excluded: our own network/);
    await page.locator(".check input").fill("other.example");
    await page.keyboard.press("Enter");
    await page.getByText("is not excluded").waitFor();
    await page.locator(".form .filled").click();
    await page.locator(".form .field-problem").first().waitFor();
    await page.locator(".form textarea").fill("everybody uses it");
    await page.locator(".form .filled").click();
    match(await page.locator(".form .field-problem").innerText(), /one of them/);
    await page.locator(".form input[type=text]").fill("fonts.example");
    await page.locator(".form .filled").click();
    await page.locator(".exclusions tbody tr").nth(3).waitFor();
    await page.locator(".exclusions").getByRole("button").nth(3).click();
    await dialog.locator("textarea").fill("not any more");
    await dialog.getByRole("button").first().click();
    await page.locator(".exclusions tbody tr").nth(3).waitFor({ state: "detached" });
    await context.close();
    well();
  });

  test("lists: counted before they are saved, addressed, forgotten; a token is shown once and revoked", async () => {
    const { page, context } = await stage.open("member", looks[0], "/sharing/o-transport/lists");
    await page.locator(".lists .counted").first().waitFor();
    match(
      (await page.locator(".lists .counted").first().innerText()).replaceAll(/\s/g, " "),
      /1.204 2 the format cannot say/,
    );
    await page.locator(".lists select").first().selectOption("rpz");
    match(await page.locator(".lists code").first().innerText(), /\/lists\/edge-addresses\.rpz$/);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator(".lists .copy button").first().click();
    await page.getByText("Copied.").waitFor();
    equal(await page.evaluate("navigator.clipboard.readText()"), `${stage.base}/lists/edge-addresses.rpz`);

    const form = page.locator(".form").first();
    await form.locator("button[type=submit]").click();
    match(await form.locator(".field-problem").innerText(), /Small letters/);
    await form.locator("select").nth(1).selectOption("green");
    await form.locator("input").nth(1).fill("bot");
    const asked = page.waitForRequest(
      (request) => request.url().includes("/count?") && request.url().includes("label=bot"),
    );
    await form.getByRole("button", { name: "Count first" }).click();
    match((await asked).url(), /label=bot&list=addresses&format=txt|list=addresses/);
    await form.locator("input").first().fill("bot-hosts");
    await form.locator("button[type=submit]").click();
    await page.locator(".lists tbody tr").nth(2).waitFor();
    match(await page.locator(".lists tbody tr").nth(2).innerText(), /addresses\?tlp=green&label=bot/);
    await page
      .locator(".lists tbody tr")
      .nth(2)
      .getByRole("button", { name: /^Forget/ })
      .click();
    await page.getByRole("dialog").locator(".destructive").click();
    await page.locator(".lists tbody tr").nth(2).waitFor({ state: "detached" });

    await page.locator(".form.inline input").first().fill("Resolver");
    await page.locator(".form.inline button").click();
    match(await page.locator(".secret-text").innerText(), /^wgl_/);
    await page.getByRole("button", { name: "I have kept it" }).click();
    equal(await page.locator(".secret-text").count(), 0);
    await page.getByRole("button", { name: "Revoke Resolver" }).click();
    await page.getByRole("dialog").locator(".destructive").click();
    await page.getByText("Revoked", { exact: true }).waitFor();
    equal(await page.getByText("webhook recall").count(), 0, "only lists are among what was fetched");
    await context.close();
    well();
  });

  test("webhooks: state first, key once, paused, tested, removed", async () => {
    const { page, context } = await stage.open("member", looks[0], "/sharing/o-transport/webhooks");
    const sections = page.locator(".webhook");
    await sections.nth(3).locator(".deliveries").waitFor();
    deepEqual(await sections.locator(".webhook-state .mark").allInnerTexts(), [
      "Active",
      "Paused",
      "Failing",
      "Not proven yet",
    ]);
    match(await sections.nth(2).locator(".webhook-state").innerText(), /HTTP 503/);
    equal(await sections.first().locator(".deliveries tbody tr").count(), 5);
    await sections.first().getByRole("button", { name: "More" }).click();
    equal(await sections.first().locator(".deliveries tbody tr").count(), 7);
    await sections.first().getByRole("button", { name: "Send a test" }).click();
    await sections.first().getByText("On its way").waitFor();
    await sections.first().getByRole("button", { name: "Pause" }).click();
    await sections.first().getByRole("button", { name: "Go on" }).waitFor();
    equal(await sections.first().locator(".webhook-state .mark").innerText(), "Paused");
    await sections.first().getByRole("button", { name: "Go on" }).click();
    await sections.first().getByRole("button", { name: "Pause" }).waitFor();

    await page.locator(".form button[type=submit]").click();
    match(await page.locator(".form .field-problem").innerText(), /https address/);
    await page.locator(".form input[type=url]").fill("https://hook.transport.example/in");
    await page.locator(".form input[type=radio]").nth(1).check();
    await page.locator(".form button[type=submit]").click();
    match(await page.locator(".secret").innerText(), /Public key of the new webhook[\s\S]*whsec_/);
    await sections.nth(4).waitFor();
    await page.getByRole("button", { name: "I have kept it" }).click();
    await sections.nth(4).getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    equal(await sections.count(), 5);
    await sections.nth(4).getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").locator(".destructive").click();
    await sections.nth(4).waitFor({ state: "detached" });
    await context.close();
    well();
  });

  test("collections: rights are changed with a reason, a hidden group stays; a new one is open to nobody", async () => {
    const { page, context } = await stage.open("staff", looks[0], "/sharing/collections");
    await page.locator(".collections tbody tr").nth(1).waitFor();
    match(await page.locator(".collections tbody tr").first().innerText(), /All members, All partners/);
    const form = page.locator(".form.inline");
    await form.locator("button").click();
    await page.locator(".field-problem").waitFor();
    await form.locator("input").nth(0).fill("Exercise");
    await form.locator("input").nth(1).fill("exercise-2027");
    await form.locator("button").click();
    await page.locator(".collections tbody tr").nth(2).waitFor();
    match(await page.locator(".collections tbody tr").nth(2).innerText(), /Nobody/);
    await page.locator(".collections tbody a").nth(1).click();
    await page.locator(".rights tbody tr").first().waitFor();
    match(await page.locator(".rights tbody tr").last().innerText(), /A group/);
    await page.locator(".rights input").nth(0).press("Space");
    await page.locator(".rights .changed").waitFor();
    const save = page.getByRole("button", { name: "Change 1 row" });
    await save.click();
    await page.locator(".field-problem").waitFor();
    await page.locator(".form textarea").fill("the exercise is over");
    const sent = page.waitForRequest((request) => request.url().endsWith("/rights"));
    await save.click();
    deepEqual((await sent).postDataJSON(), {
      readers: ["organisation:o-strait", "members"],
      writers: ["group:hidden"],
      reason: "the exercise is over",
    });
    await save.waitFor({ state: "detached" });
    equal(await page.locator(".rights input").nth(0).isChecked(), true);
    match(await page.getByRole("region", { name: "Who reads it" }).innerText(), /Strait Republic CERT/);
    await context.close();
    well();
  });
});
