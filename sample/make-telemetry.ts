import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { eveLog } from "./eve-log.ts";
import type { Log } from "./log.ts";
import { type Random, random } from "./random.ts";
import { backup, bot, clicks, innocents, lookalikes, misjudged, type Site, scanners, sites } from "./story.ts";
import { zeekLog } from "./zeek-log.ts";

/**
 * The day before `now` on every sensor of the story: "sensor/file.gz" → bytes. The same moment and seed give the same
 * bytes.
 *
 * @param now milliseconds since 1970; the last line is before it, the first at most 24 h before
 */
export const makeTelemetry = (now: number, seed = 20_261_119): ReadonlyMap<string, Uint8Array> => {
  const files = new Map<string, Uint8Array>();
  for (const [i, site] of sites.entries()) {
    const rng = random(seed + 1000 * (i + 1));
    const log = site.format === "zeek" ? zeekLog(rng) : eveLog(rng);
    const day: Day = { site, log, rng, now };
    browsing(day);
    visitors(day);
    knocking(day);
    timeKeeping(day);
    updating(day);
    resolving(day);
    wave(day);
    if (site.organisation === bot.organisation) beaconing(day);
    if (site.organisation === backup.organisation) backingUp(day);
    if (site.organisation === misjudged.organisation) fontsFetched(day);
    // Level 4: half the time of the default, a tenth more bytes
    for (const [name, text] of log.files()) files.set(`${site.sensor}/${name}.gz`, gzipSync(text, { level: 4 }));
  }
  return files;
};

/** Writes the day below `folder` and says which files. */
export const writeTelemetry = (folder: string, now: number, seed?: number): readonly string[] => {
  const files = makeTelemetry(now, seed);
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return [...files.keys()];
};

interface Day {
  readonly site: Site;
  readonly log: Log;
  readonly rng: Random;
  readonly now: number;
}

const minute = 60_000;
const hour = 60 * minute;
const dayLong = 24 * hour;
/** Asia/Hong_Kong, which has no summer time. */
const zone = 8 * hour;
/** Events last at most this long, so none ends after `now`. */
const longest = 10 * minute;

/** The latest moment of that local time of day that leaves `room` before `now`, and never before the day begins. */
const latest = (now: number, localMs: number, room: number): number => {
  const midnight = Math.floor((now - room + zone) / dayLong) * dayLong - zone;
  const time = midnight + localMs <= now - room ? midnight + localMs : midnight + localMs - dayLong;
  return Math.max(time, now - dayLong + minute);
};

/** How busy an office is, by local hour. */
const busy = [1, 1, 1, 1, 1, 2, 4, 10, 40, 90, 100, 95, 60, 70, 95, 100, 90, 70, 35, 15, 8, 5, 3, 2];
const busiest = 100;

const anyTime = ({ rng, now }: Day): number => now - dayLong + Math.floor(rng.next() * (dayLong - longest));

const officeTime = (day: Day): number => {
  for (;;) {
    const time = anyTime(day);
    const localHour = Math.floor(((time + zone) % dayLong) / hour);
    if (day.rng.next() * busiest < (busy[localHour] ?? 0)) return time;
  }
};

const port = (rng: Random): number => rng.between(32_768, 60_999);
const desk = ({ site, rng }: Day): string => `${site.inside}.${rng.between(1, 8)}.${rng.between(10, 120)}`;
const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";

interface Place {
  readonly name: string;
  readonly ip: string;
  readonly ip6: string;
}

/** Where everybody goes: a few places often, many seldom. Addresses that no list names. */
const places: readonly Place[] = (() => {
  const rng = random(4711);
  const words = [
    "news",
    "mail",
    "maps",
    "cdn",
    "video",
    "docs",
    "shop",
    "weather",
    "ferry",
    "bank",
    "forum",
    "photo",
    "search",
    "jobs",
  ];
  const owners = [
    "harbour-times",
    "islandnet",
    "softhaven",
    "peakmedia",
    "ferryline",
    "goodbank",
    "lanternshop",
    "cityu",
    "opendocs",
  ];
  const lasts = [...span(128, 150), ...span(160, 175), ...span(190, 205), ...span(230, 250)];
  return Array.from({ length: 320 }, (_, i) => ({
    name: `${rng.pick(words)}${i > 60 ? i : ""}.${rng.pick(owners)}.example`,
    ip: `198.51.100.${rng.pick(lasts)}`,
    ip6: `2001:db8:cafe:${rng.hex(3).replace(/^0+(?=.)/, "")}::${rng.between(1, 9)}`,
  }));
})();

function span(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Squaring puts most visits among the first places. */
const place = (rng: Random): Place => places[Math.floor(rng.next() ** 2 * places.length)] as Place;

interface Visit {
  readonly time: number;
  readonly from: string;
  readonly name: string;
  readonly ip: string;
  readonly port?: number;
  readonly url?: string;
  readonly cookie?: string;
  readonly bytesOut?: number;
  readonly bytesIn?: number;
}

/** A name looked up, a server spoken to: by TLS, or by HTTP when a URL is given. */
const visit = ({ site, log, rng }: Day, what: Visit): void => {
  const { time, from, name, ip } = what;
  log.dns({ time, from: dnsFrom(from, site), fromPort: port(rng), to: site.resolver, toPort: 53, name, answers: [ip] });
  const talk = {
    time: time + rng.between(20, 90),
    from,
    fromPort: port(rng),
    to: ip,
    toPort: what.port ?? (what.url === undefined ? 443 : 80),
  };
  if (what.url === undefined) log.tls({ ...talk, name });
  else {
    const request = {
      ...talk,
      host: name,
      url: what.url,
      agent: firefox,
      status: 200,
      length: rng.between(300, 60_000),
    };
    log.http(what.cookie === undefined ? request : { ...request, cookie: what.cookie });
  }
  log.flow({
    ...talk,
    proto: "tcp",
    app: what.url === undefined ? "tls" : "http",
    bytesOut: what.bytesOut ?? rng.between(900, 9000),
    bytesIn: what.bytesIn ?? rng.between(4000, 900_000),
    durationMs: rng.between(80, 90_000),
  });
};

/** The resolver is asked over IPv4, whatever is spoken afterwards. */
const dnsFrom = (from: string, site: Site): string => (from.includes(":") ? `${site.inside}.1.10` : from);

const browsing = (day: Day): void => {
  const { site, rng } = day;
  for (let i = 0; i < site.desks * 17; i++) {
    const { name, ip, ip6 } = place(rng);
    const six = site.organisation === "transport" && rng.next() < 0.06;
    const from = six ? `2001:db8:114:${rng.between(1, 8)}::${rng.hex(3).replace(/^0+(?=.)/, "")}` : desk(day);
    const time = officeTime(day);
    if (rng.next() < 0.12) {
      const signedIn = rng.next() < 0.3 ? { cookie: `session=${rng.hex(24)}` } : {};
      visit(day, {
        time,
        from,
        name,
        ip: six ? ip6 : ip,
        url: `/${rng.hex(6)}/index.html?id=${rng.between(1, 9999)}`,
        ...signedIn,
      });
    } else visit(day, { time, from, name, ip: six ? ip6 : ip });
  }
};

/** The public looks at the site's own web server. */
const visitors = (day: Day): void => {
  const { site, log, rng } = day;
  for (let i = 0; i < 160; i++) {
    const talk = { time: officeTime(day), from: place(rng).ip, fromPort: port(rng), to: site.web, toPort: 443 };
    log.tls({ ...talk, name: `www.${site.domain}` });
    log.flow({
      ...talk,
      proto: "tcp",
      app: "tls",
      bytesOut: rng.between(700, 5000),
      bytesIn: rng.between(3000, 400_000),
      durationMs: rng.between(50, 20_000),
    });
  }
};

/** Noise: listed scanners try doors from outside. Sometimes the web server answers them, politely. */
const knocking = (day: Day): void => {
  const { site, log, rng } = day;
  const doors = [22, 23, 80, 443, 445, 3389, 5900, 8080];
  for (const from of scanners)
    for (let i = rng.between(4, 12); i > 0; i--) {
      const toPort = rng.pick(doors);
      const talk = { time: anyTime(day), from, fromPort: port(rng), to: site.web, toPort };
      const answered = toPort === 80 || toPort === 443;
      if (toPort === 80)
        log.http({
          ...talk,
          host: site.web,
          url: rng.pick(["/", "/.env", "/wp-login.php", "/.git/config"]),
          agent: "scan/1.0",
          status: 404,
          length: 162,
        });
      log.flow({
        ...talk,
        proto: "tcp",
        app: toPort === 80 ? "http" : "failed",
        bytesOut: answered ? rng.between(300, 900) : 60,
        bytesIn: answered ? rng.between(400, 1200) : 0,
        durationMs: answered ? rng.between(20, 400) : 0,
      });
    }
};

/** Noise: six hosts a site ask the time every 1,024 s; a careless list names the time server. */
const timeKeeping = (day: Day): void => {
  const { site, log, rng, now } = day;
  for (let host = 1; host <= 6; host++) {
    const from = `${site.inside}.0.${host + 20}`;
    const { ip, domain } = innocents.time;
    for (let time = now - dayLong + rng.between(0, 1024) * 1000; time < now - minute; time += 1_024_000)
      log.flow({
        time,
        from,
        fromPort: 123,
        to: ip,
        toPort: 123,
        proto: "udp",
        app: "ntp",
        bytesOut: 90,
        bytesIn: 90,
        durationMs: rng.between(2, 30),
      });
    log.dns({
      time: anyTime(day),
      from,
      fromPort: port(rng),
      to: site.resolver,
      toPort: 53,
      name: domain,
      answers: [ip],
    });
  }
};

/** Noise: every desk fetches updates once; a careless list names the update server. */
const updating = (day: Day): void => {
  const { site, rng } = day;
  const { domain, ip } = innocents.updates;
  for (let i = 0; i < site.desks; i++)
    visit(day, { time: officeTime(day), from: desk(day), name: domain, ip, bytesIn: rng.between(200_000, 80_000_000) });
};

/** Noise: the site's resolver asks a public one that a careless list names. */
const resolving = (day: Day): void => {
  const { site, log, rng } = day;
  for (let i = 0; i < 220; i++) {
    const { name, ip } = place(rng);
    const talk = {
      time: officeTime(day),
      from: site.resolver,
      fromPort: port(rng),
      to: innocents.resolver.ip,
      toPort: 53,
    };
    log.dns({ ...talk, name, answers: rng.next() < 0.04 ? [] : [ip] });
    log.flow({ ...talk, proto: "udp", app: "dns", bytesOut: 80, bytesIn: 140, durationMs: rng.between(1, 60) });
  }
};

/** The phishing wave: mails to many at five past ten, then a few clicks. The senders stand in no list. */
const wave = (day: Day): void => {
  const { site, log, rng, now } = day;
  const mine = clicks.filter((click) => click.organisation === site.organisation);
  if (mine.length === 0) return;
  const began = latest(now, 10 * hour + 5 * minute, 110 * minute);
  const subjects = ["Your refund is waiting", "Unpaid parking fine HC4471", "Staff account: confirm today", "退稅通知"];
  for (let i = 0; i < 32; i++) {
    const talk = {
      time: began + rng.between(0, 20 * minute),
      from: "198.51.100.141",
      fromPort: port(rng),
      to: site.mail,
      toPort: 25,
    };
    log.smtp({
      ...talk,
      sender: `notice${i}@bulk-mailer.example`,
      recipient: `staff${rng.between(1, 400)}@${site.domain}`,
      subject: rng.pick(subjects),
    });
    log.flow({
      ...talk,
      proto: "tcp",
      app: "smtp",
      bytesOut: rng.between(4000, 30_000),
      bytesIn: 900,
      durationMs: rng.between(300, 4000),
    });
  }
  for (const click of mine) {
    const { domain, ip, path, tls } = lookalikes[click.lookalike];
    const time = began + click.afterMinutes * minute + rng.between(0, 59_000);
    visit(day, {
      time,
      from: click.host,
      name: domain,
      ip,
      ...(tls ? {} : { url: path }),
      bytesOut: 2600,
      bytesIn: 41_000,
    });
  }
};

/** A desk fetches the fonts of a page from a place that somebody calls bad. */
const fontsFetched = (day: Day): void => {
  const { domain, ip, host } = misjudged;
  for (let i = 0; i < 7; i++) visit(day, { time: officeTime(day), from: host, name: domain, ip, bytesIn: 38_000 });
};

/** The bot: name, TLS, a few hundred bytes, every five minutes with a few seconds of jitter. */
const beaconing = (day: Day): void => {
  const { rng, now } = day;
  const { ip, domain, port: toPort } = bot.c2;
  for (let time = now - dayLong + 2 * minute; time < now - longest; time += bot.everySeconds * 1000)
    visit(day, {
      time: time + rng.between(0, 8000),
      from: bot.host,
      name: domain,
      ip,
      port: toPort,
      bytesOut: rng.between(780, 840),
      bytesIn: rng.between(400, 470),
    });
};

/** Noise: the nightly backup, tens of gigabytes to a harmless place. */
const backingUp = (day: Day): void => {
  const { site, log, rng, now } = day;
  const began = latest(now, backup.localHour * hour, 75 * minute);
  const { ip, domain } = backup.to;
  for (let i = 0; i < backup.flows; i++) {
    const time = began + i * 4 * minute;
    log.dns({
      time,
      from: backup.host,
      fromPort: port(rng),
      to: site.resolver,
      toPort: 53,
      name: domain,
      answers: [ip],
    });
    const talk = { time: time + 60, from: backup.host, fromPort: port(rng), to: ip, toPort: 443 };
    log.tls({ ...talk, name: domain });
    log.flow({
      ...talk,
      proto: "tcp",
      app: "tls",
      bytesOut: backup.bytesEach + rng.between(0, 9_000_000),
      bytesIn: 4_000_000,
      durationMs: 230_000,
    });
  }
};

// node -C source sample/make-telemetry.ts FOLDER
if (import.meta.main) {
  const folder = process.argv[2] ?? "sample-telemetry";
  for (const name of writeTelemetry(folder, Date.now())) console.log(join(folder, name));
}
