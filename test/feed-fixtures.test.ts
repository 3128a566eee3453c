import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Feed, Raw } from "#feeds/feed.ts";
import { guard } from "#feeds/guard.ts";
import { feedById } from "#feeds/index.ts";
import { readFeed, total } from "#feeds/read.ts";
import { timeReader } from "#feeds/time-format.ts";
import {
  anything,
  bodyOf,
  type Case,
  casesOf,
  corpora,
  differences,
  type Difference,
  type Event,
  rowsOf,
  skip,
} from "./feed-fixture-cases.ts";

/** Which of our feeds reads a folder of fixtures, and how its body is called. Generic ones: feed-fixtures-generic.test.ts. */
const readers: Readonly<Record<string, readonly [feed: string, file: string]>> = {
  "intelmq/alienvault-feed": ["alienvault-reputation", "reputation.data"],
  "intelmq/alienvault-otx": ["alienvault-otx", "pulses.json"],
  "intelmq/bambenek-feed": ["bambenek", "c2-dommasterlist.txt"],
  "intelmq/blocklistde-feed": ["blocklistde", "imap.txt"],
  "intelmq/blueliv-crimeserver": ["blueliv-crimeserver", "crimeserver.json"],
  "intelmq/ci-army-feed": ["cins-army", "ci-badguys.txt"],
  "intelmq/danger-rulez-feed": ["bruteforceblocker", "blist.php"],
  "intelmq/dataplane-feed": ["dataplane", "list.txt"],
  "intelmq/dyn-feed": ["dyn-ponmocup", "ponmocup.txt"],
  "intelmq/eset-feed": ["eset-eti", "ei.domains.json"],
  "intelmq/fraunhofer-dga": ["fraunhofer-dgarchive", "today"],
  "intelmq/github-feed": ["strangereal-dailyioc", "IOC_TA505_Nov19_2.json"],
  "intelmq/malwarepatrol-dansguardian": ["malwarepatrol-urls", "getfile"],
  "intelmq/mcafee-atd": ["mcafee-atd", "report.json"],
  "intelmq/phishtank-feed": ["phishtank", "online-valid.json"],
  "intelmq/spamhaus-drop": ["spamhaus-drop-text", "drop.txt"],
  "intelmq/surbl-feed": ["surbl", "surbl.zone"],
  "n6/greensnow-list-txt": ["greensnow", "greensnow.txt"],
  "n6/malwarepatrol-malurl-201406": ["malwarepatrol-urls", "getfile"],
  "n6/phishtank-verified": ["phishtank", "online-valid.csv"],
  "n6/sblam-spam": ["sblam", "blacklist.txt"],
  "n6/spamhaus-bots": ["spamhaus-cert", "bots.txt"],
  "n6/spamhaus-drop": ["spamhaus-drop-text", "drop.txt"],
  "n6/spamhaus-edrop": ["spamhaus-drop-text", "edrop.txt"],
  "n6/stopforum-spam": ["stopforumspam", "listed_ip_1_all.csv"],
  "n6/tu-dresden-de-resolvers": ["tu-dresden-resolvers", "resolvers.json"],
  "n6/withaname-ddosia": ["witha-ddosia", "last.json"],
  "intelmq/cymru-full_bogons": ["cymru-fullbogons-v4", "fullbogons-ipv4.txt"],
};
const dataplane = readerOfDataplane();

/** n6 keeps each list in a folder of its own; the list is the file's name. */
function readerOfDataplane(): Readonly<Record<string, readonly [string, string]>> {
  const lists =
    "dnsrd dnsrdany dnsversion sipinvitation sipquery sipregistration smtpdata smtpgreet sshclient sshpwauth telnetlogin vncrfb";
  return Object.fromEntries(
    lists.split(" ").map((list) => [`n6/dataplane-${list}`, ["dataplane", `${list}.txt`] as const]),
  );
}

const feedOf = (folder: string, one: Case): readonly [Feed, string] => {
  const [id, file] = { ...readers, ...dataplane }[folder] ?? ["", ""];
  const v6 = folder === "intelmq/cymru-full_bogons" && one.case === "02";
  const feed = feedById.get(v6 ? "cymru-fullbogons-v6" : id);
  if (feed === undefined) throw new Error(`no feed ${id}`);
  return [feed, file];
};

interface Exception {
  readonly folder: string;
  readonly case?: string;
  readonly in: readonly Difference[];
  readonly because: string;
}

/** Where we say something else than the oracle, and why; each must still be needed. */
const exceptions: readonly Exception[] = [
  ...["intelmq/cymru-full_bogons", "intelmq/malwarepatrol-dansguardian", "intelmq/spamhaus-drop", "n6/sblam-spam"].map(
    (folder): Exception => ({
      folder,
      in: ["time"],
      because:
        "the time is the list's, not the row's: a claim lives as long as the list has it, and a stamp in each row would change every row each turn",
    }),
  ),
  {
    folder: "intelmq/alienvault-otx",
    in: ["time"],
    because: "IntelMQ cuts the last four characters of the time, so 20:15:44 became 20:01",
  },
  {
    folder: "intelmq/spamhaus-drop",
    in: ["type"],
    because: "DROP lists networks nobody should route; IntelMQ calls that spam, n6 calls the same list other",
  },
  ...["sipinvitation", "sipquery", "sipregistration", "smtpdata", "sshpwauth", "telnetlogin"].map(
    (list): Exception => ({
      folder: `n6/dataplane-${list}`,
      in: ["type"],
      because: "n6 and IntelMQ name what this list means differently; we have IntelMQ's, which follows RSIT",
    }),
  ),
];

/** Cases that ask for something else than reading a list. */
const notOurs: Readonly<Record<string, string>> = {
  "intelmq/github-feed 01":
    "a bot that refuses files of repositories it does not know; here the operator names the feed",
};

/** How the times at the top of lists are written. */
const stamps: readonly (readonly [RegExp, string])[] = [
  [/# last updated (\d{10}) /, "epoch"],
  [/Generated at: (\d{14}) UTC/, "YYYYMMDDHHmmss"],
  [/# Generated (\S+ \S+)/, "auto"],
  [/; Last-Modified: ([^\r\n]+)/, "ddd, DD MMM YYYY HH:mm:ss zz"],
];

const stampOf = (body: Buffer): number | undefined => {
  const head = body.toString("latin1");
  for (const [shape, format] of stamps) {
    const found = shape.exec(head)?.[1];
    if (found !== undefined) return timeReader(format)?.(found).seenAt;
  }
  return undefined;
};

/** n6 gives rows without a time that of the delivery; ours then have the moment of collection, which is the same. */
const atDelivery = (event: Event): Event =>
  event.list?.time !== undefined &&
  Date.parse(event.seenAt ?? "") === Date.parse(`${event.list.time.replace(" ", "T")}Z`)
    ? { ...event, seenAt: null }
    : event;

const used = new Set<Exception>();

const checkEvent = (folder: string, one: Case, event: Event, raw: Raw | undefined, feed: Feed, body: Buffer): void => {
  assert.ok(raw, `${folder} ${one.case}: no row for ${JSON.stringify(event.observable)}`);
  const found = differences(atDelivery(event), raw, feed);
  if (found.length > 0) counts.excepted++;
  for (const what of found) {
    const exception = exceptions.find(
      (it) => it.folder === folder && (it.case === undefined || it.case === one.case) && it.in.includes(what),
    );
    assert.ok(exception, `${folder} ${one.case}: ${what} of ${JSON.stringify(event)} is ${JSON.stringify(raw)}`);
    used.add(exception);
    if (exception.because.startsWith("the time is the list's")) {
      assert.equal(raw.is === "advisory" || raw.is === "name" ? 0 : raw.seenAt, undefined);
      assert.equal(stampOf(body), Date.parse(event.seenAt ?? ""), "the event's time is the list's stamp");
    }
  }
};

/** SURBL's fixture has names of one label, which are nobody's: the same bytes with names of two. */
const twoLabels = (text: string): string => text.replace(/\bdomain(\d)\b/g, "domain$1.example");

const counts = { cases: 0, events: 0, refused: 0, excepted: 0 };

for (const folder of Object.keys({ ...readers, ...dataplane }))
  test(`${folder}: every event the fixtures expect is read`, { skip }, () => {
    for (const one of casesOf(folder)) {
      if (notOurs[`${folder} ${one.case}`] !== undefined) continue;
      counts.cases++;
      const surbl = folder === "intelmq/surbl-feed";
      const body = surbl ? Buffer.from(twoLabels(bodyOf(folder, one).toString())) : bodyOf(folder, one);
      const [feed, file] = feedOf(folder, one);
      if (one.expectedError) {
        const reading = readFeed(feed, body, file, anything);
        assert.notEqual(guard(reading, { accepted: 1 }).verdict, "accept", `${folder} ${one.case} is refused`);
        counts.refused++;
        continue;
      }
      const rows = rowsOf(feed, body, file);
      const taken = rows.flatMap((row) => (row.result.ok ? [row.result.value] : []));
      const events = surbl ? (JSON.parse(twoLabels(JSON.stringify(one.events))) as readonly Event[]) : one.events;
      if (one.eventsComplete === true) assert.equal(taken.length, events.length, `${folder} ${one.case}: how many`);
      if ((one.toleratedErrors ?? 0) > 0)
        assert.ok(taken.length < rows.length, `${folder} ${one.case}: a row is refused`);
      for (const [index, event] of events.entries()) {
        const place = one.eventPositions?.[index] ?? index;
        // OTX counts what it has no use for too
        const placed = folder === "intelmq/alienvault-otx" ? rows[place]?.result : undefined;
        const raw = placed === undefined ? taken[place] : placed.ok ? placed.value : undefined;
        checkEvent(folder, one, event, raw, feed, body);
        counts.events++;
      }
    }
  });

test("every exception to the fixtures is still needed", { skip }, (t) => {
  for (const exception of exceptions)
    assert.ok(used.has(exception), `${exception.folder} ${exception.in.join()}: ${exception.because}`);
  t.diagnostic(
    `${counts.events} events of ${counts.cases} cases, ${counts.excepted} of them with one of ${exceptions.length} exceptions; ${counts.refused} refused bodies, ${Object.keys(notOurs).length} not ours`,
  );
});

/** The collection has a file a list; most are lists of lists without a publisher of their own. */
const publicLists: Readonly<Record<string, string>> = {
  "compromised-ips.txt": "emergingthreats-compromised",
  "tor-exit.txt": "tor-exits",
  "binarydefense.txt": "binarydefense-artillery",
};

test("the public lists hold as many values as their oracle counts", { skip }, () => {
  const folder = new URL("public-intelligence-feeds/", corpora);
  const { files } = JSON.parse(readFileSync(new URL("EXPECTED.json", folder), "utf8")) as {
    readonly files: Readonly<
      Record<string, { readonly indicators: number; readonly uniqueIndicators: number; readonly bytes: number }>
    >;
  };
  const present = readdirSync(folder);
  for (const [file, expected] of Object.entries(files)) {
    const name = present.includes(file) ? file : `${file}.gz`;
    const body = readFileSync(new URL(name, folder));
    const feed = feedById.get(publicLists[file] ?? "generic-lines");
    assert.ok(feed);
    const reading = readFeed(feed, body, name, anything);
    if (expected.bytes === 0) assert.equal(reading.bad?.code, "WGL_BODY_EMPTY");
    else
      assert.deepEqual(
        [reading.rows, reading.accepted, total(reading.rejected)],
        [expected.indicators, expected.uniqueIndicators, 0],
        file,
      );
  }
});

test("the OpenPhish feed holds as many URLs as its oracle counts", { skip }, () => {
  const feed = feedById.get("openphish");
  assert.ok(feed);
  const folder = new URL("openphish/", corpora);
  const expected = JSON.parse(readFileSync(new URL("EXPECTED.json", folder), "utf8")) as {
    readonly "feed.txt": { readonly indicators: number; readonly uniqueIndicators: number };
  };
  const { indicators, uniqueIndicators } = expected["feed.txt"];
  const reading = readFeed(feed, readFileSync(new URL("feed.txt", folder)), "feed.txt", anything);
  assert.deepEqual([reading.rows, reading.accepted], [indicators, uniqueIndicators]);
});

test("every folder of the fixtures is read by a test", { skip }, () => {
  const here = new URL("./", import.meta.url);
  const texts = readdirSync(here)
    .filter((name) => /^(?:feed-fixtures.*|misp-feeds|reports|shadowserver)\.test\.ts$/.test(name))
    .map((name) => readFileSync(new URL(name, here), "utf8"))
    .join("\n");
  const unread = ["intelmq", "n6"].flatMap((from) =>
    readdirSync(new URL(`fixtures/${from}/`, corpora))
      .map((folder) => `${from}/${folder}`)
      .filter(
        (folder) =>
          dataplane[folder] === undefined &&
          // test/shadowserver.test.ts reads whatever begins so
          !folder.startsWith("n6/shadowserver-") &&
          !texts.includes(folder) &&
          !texts.includes(`"${folder.replace("intelmq/", "")}"`),
      ),
  );
  assert.deepEqual(unread, []);
});
