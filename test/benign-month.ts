import { instant } from "#core/instant.ts";
import type { Fact } from "#detect/behaviour.ts";
import { oddRequest } from "./benign-web.ts";

/**
 * A month of an office in which nothing bad happens, as detectors over time read it: people who browse, mail, mistype
 * their passwords and travel; updates, agents that call home, NTP, a camera that calls its maker, printers; a nightly
 * backup inside and one off site, a weekly vulnerability scan of our own, a deployment, month end, two public holidays,
 * a crawler on the web server and requests that look odd (`benign-web.ts`), somebody's large upload. Deterministic: the same seed gives the same month.
 */
export interface Month {
  readonly seed: number;
  /** Workstations; servers and things come on top. */
  readonly people: number;
  readonly days: number;
  /** Where the first day begins; a Monday. */
  readonly start: number;
}

export const aMonth: Month = { seed: 7, people: 40, days: 30, start: Date.UTC(2026, 5, 1) };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const minuteMs = 60_000;

/** Of the office, Hong Kong: eight hours before UTC. */
const zoneMs = 8 * hourMs;

/** Days without people, counted from the first. */
const holidays: ReadonlySet<number> = new Set([9, 18]);

export const servers = {
  files: "10.20.0.10",
  domain: "10.20.0.11",
  mail: "10.20.0.12",
  web: "10.20.0.13",
  database: "10.20.0.14",
  backup: "10.20.0.15",
  resolver: "10.20.0.16",
  scanner: "10.20.0.17",
  deploy: "10.20.0.18",
  camera: "10.20.9.20",
  printer: "10.20.9.30",
} as const;

/** What the office's machines are called by their logs. */
export const hostDays = ({ people, days }: Month): number => (people + Object.keys(servers).length) * days;

/** mulberry32: small, fast, the same everywhere. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

type Made = Omit<Fact, "id" | "sensor" | "from" | "line" | "measures"> & Partial<Pick<Fact, "measures">>;

const sites = Array.from({ length: 400 }, (_, i) => {
  const word = ["news", "shop", "maps", "video", "bank", "school", "wiki", "mail", "docs", "cloud"][i % 10] ?? "site";
  return { name: `www.${word}-${i}.example`, address: `198.51.100.${1 + (i % 250)}` };
});
const agents = ["edr.vendor-a.example", "telemetry.os.example", "push.phone.example"].map((name, i) => ({
  name,
  address: `203.0.113.${10 + i}`,
}));
const updates = { name: "download.os-update.example", address: "203.0.113.30" };
const timeServer = "203.0.113.40";
const offsite = { name: "vault.backup-service.example", address: "203.0.113.50" };
const bank = { name: "upload.payroll-bank.example", address: "203.0.113.60" };
const maker = { name: "iot.camera-maker.example", address: "203.0.113.70" };
const share = { name: "send.file-share.example", address: "203.0.113.80" };

/** The facts of one day, in their order. `day` counts from 0. */
export const benignDay = (month: Month, day: number): readonly Fact[] => {
  const random = randomOf(month.seed * 1000 + day);
  const dawn = month.start + day * dayMs - zoneMs;
  const weekday = day % 7;
  const works = weekday < 5 && !holidays.has(day);
  const made: Made[] = [];
  const between = (least: number, most: number): number => least + random() * (most - least);
  const whole = (least: number, most: number): number => Math.floor(between(least, most + 1));
  /** Log-normal, as sizes of transfers are. */
  const about = (median: number, spread: number): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round(median * Math.exp(spread * normal));
  };
  const clock = (hours: number): number => dawn + hours * hourMs;
  const flow = (
    time: number,
    from: string,
    to: string,
    port: number,
    bytesOut: number,
    bytesIn: number,
    durationMs: number,
    name?: string,
  ): void => {
    made.push({
      time: instant(time),
      at: instant(time + durationMs),
      event: "flow",
      source: { address: from, port: 40_000 + Math.floor(random() * 20_000) },
      destination: { address: to, port },
      ...(name === undefined ? {} : { name }),
      measures: { bytesOut, bytesIn, durationMs },
    });
  };
  const ask = (time: number, from: string, query: string, type = "A", rcode = "NOERROR"): void => {
    made.push({
      time: instant(time),
      at: instant(time),
      event: "dns",
      source: { address: from, port: 40_000 + Math.floor(random() * 20_000) },
      destination: { address: servers.resolver, port: 53 },
      dns: { query, type, rcode, answers: rcode === "NOERROR" ? ["198.51.100.7"] : [] },
    });
  };
  const enter = (
    time: number,
    account: string,
    outcome: "success" | "failure",
    from: string,
    service: string,
    host: string,
    country?: string,
  ): void => {
    made.push({
      time: instant(time),
      at: instant(time),
      event: "logon",
      host,
      source: { address: from },
      session: { account, outcome, service, ...(country === undefined ? {} : { country }) },
    });
  };
  const start = (time: number, host: string, image: string, command: string, parent: string): void => {
    made.push({ time: instant(time), at: instant(time), event: "process", host, process: { image, command, parent } });
  };
  const touch = (
    time: number,
    host: string,
    act: "create" | "write" | "rename" | "delete",
    path: string,
    to?: string,
  ): void => {
    made.push({
      time: instant(time),
      at: instant(time),
      event: "file",
      host,
      file: { act, path, ...(to === undefined ? {} : { to }) },
    });
  };
  const visit = (time: number, from: string): void => {
    const site = sites[Math.floor(random() ** 2 * sites.length)] ?? sites[0];
    if (!site) return;
    ask(time, from, site.name);
    for (let i = 0, n = whole(1, 6); i < n; i++)
      flow(
        time + whole(20, 9000),
        from,
        site.address,
        443,
        about(2500, 1),
        about(60_000, 1.4),
        whole(200, 60_000),
        site.name,
      );
  };
  const served = (
    time: number,
    from: string,
    path: string,
    query: string | undefined,
    status: number,
    agent: string,
  ): void => {
    made.push({
      time: instant(time),
      at: instant(time),
      event: "http",
      source: { address: from },
      destination: { address: servers.web, port: 443 },
      http: {
        ...{ method: "GET", host: "www.office.example", path, status, agent, bytes: about(9000, 1) },
        ...(query === undefined ? {} : { query }),
      },
    });
  };

  const everybody = Array.from({ length: month.people }, (_, i) => ({
    account: `OFFICE\\user${i}`,
    address: `10.20.1.${10 + i}`,
    host: `ws-${i}`,
  }));

  for (const [i, { account, address, host }] of everybody.entries()) {
    // machines: agents and time run day and night on those left on, four in five only while people are there
    const on = i % 5 === 0 ? [0, 24] : works ? [8.2 + random(), 18 + random() * 2] : undefined;
    if (on) {
      const [from = 0, to = 24] = on;
      for (const [k, agent] of agents.entries()) {
        const period = [60, 300, 900][k] ?? 60;
        const step = period * 10; // every tenth call is enough to be as regular as the whole
        for (let at = clock(from) + random() * step * 1000; at < clock(to); at += step * 1000 * between(0.97, 1.03))
          flow(at, address, agent.address, 443, about(700, 0.1), about(900, 0.1), whole(100, 900), agent.name);
      }
      for (let at = clock(from) + random() * 1024_000; at < clock(to); at += 1_024_000)
        flow(at, address, timeServer, 123, 76, 76, 5);
      if (weekday === 2)
        flow(
          clock(from) + random() * 2 * hourMs,
          address,
          updates.address,
          443,
          about(200_000, 0.4),
          about(400_000_000, 0.5),
          whole(60_000, 900_000),
          updates.name,
        );
    }
    if (!works) continue;
    const comes = clock(8.3 + random() * 1.2);
    for (let n = random() < 0.12 ? whole(1, 3) : 0; n > 0; n--)
      enter(comes - n * 4000, account, "failure", address, "ad", "dc-1");
    enter(comes, account, "success", address, "ad", "dc-1");
    enter(comes + 30_000, account, "success", address, "m365", "mail", "HK");
    start(comes + 40_000, host, "C:\\Windows\\explorer.exe", "explorer.exe", "C:\\Windows\\System32\\userinit.exe");
    start(comes + 90_000, host, "C:\\Program Files\\Office\\OUTLOOK.EXE", "OUTLOOK.EXE", "C:\\Windows\\explorer.exe");
    for (let hour = 9; hour < 18; hour++) {
      if (hour === 13 && random() < 0.7) continue;
      for (let n = whole(2, 7); n > 0; n--) visit(clock(hour + random()), address);
      // files of the day's work
      for (let n = whole(1, 4); n > 0; n--) {
        const at = clock(hour + random());
        touch(at, host, "write", `\\\\files\\team\\report-${whole(1, 60)}.docx`);
        flow(at, address, servers.files, 445, about(300_000, 1), about(900_000, 1), whole(100, 5000));
      }
    }
    // somebody is abroad for a week, by plane: half a day passes between the two countries
    if (i === 3 && day >= 14 && day <= 18)
      enter(clock(14 + random()), account, "success", "192.0.2.77", "m365", "mail", "JP");
    // a folder is renamed by hand, a photo album is sorted
    if (random() < 0.01)
      for (let n = 0, at = clock(15); n < 40; n++)
        touch(
          (at += whole(300, 3000)),
          host,
          "rename",
          `C:\\Users\\u${i}\\Pictures\\IMG_${n}.jpg`,
          `C:\\Users\\u${i}\\Pictures\\trip-${n}.jpg`,
        );
    // a large upload to a service everybody uses
    if (random() < 0.01)
      flow(clock(16), address, share.address, 443, about(1_500_000_000, 0.5), 900_000, 20 * minuteMs, share.name);
  }

  // the backup inside the house at one, off site at two; a full one on Sundays
  flow(clock(1), servers.files, servers.backup, 8443, about(180_000_000_000, 0.1), 90_000_000, 50 * minuteMs);
  flow(clock(1.1), servers.database, servers.backup, 8443, about(60_000_000_000, 0.1), 30_000_000, 20 * minuteMs);
  const parts = weekday === 6 ? 16 : 4;
  for (let part = 0; part < parts; part++)
    flow(
      clock(2 + part / 6),
      servers.backup,
      offsite.address,
      443,
      about(20_000_000_000, 0.1),
      20_000_000,
      9.5 * minuteMs,
      offsite.name,
    );

  // things: a camera calls its maker every five minutes from day to night, a printer asks for updates
  for (let at = clock(0) + random() * 300_000; at < clock(24); at += 300_000 * between(0.99, 1.01))
    flow(at, servers.camera, maker.address, 8883, about(420, 0.05), about(180, 0.05), 300, maker.name);
  ask(clock(4.5), servers.printer, "firmware.printer-maker.example");
  flow(clock(4.5), servers.printer, "203.0.113.90", 443, 900, 12_000, 400, "firmware.printer-maker.example");

  // servers look each other up; an antivirus asks its reputation service by DNS, in names that look random
  for (let at = clock(0); at < clock(24); at += 10 * minuteMs)
    ask(at + random() * 1000, servers.mail, `mx${whole(1, 9)}.partner-${whole(1, 20)}.example`, "MX");
  for (let n = works ? 400 : 60; n > 0; n--)
    ask(
      clock(works ? between(8, 19) : between(0, 24)),
      `10.20.1.${10 + whole(0, month.people - 1)}`,
      `${Math.floor(random() * 2 ** 52).toString(16)}.avqs.reputation-vendor.example`,
    );
  for (let n = whole(5, 20); n > 0; n--)
    ask(
      clock(between(8, 19)),
      `10.20.1.${10 + whole(0, month.people - 1)}`,
      `wpad-${whole(1, 5)}.office.example`,
      "A",
      "NXDOMAIN",
    );

  // our own vulnerability scan, Saturday night: every machine, many ports, tries of log-ons and web attacks on our site
  if (weekday === 5)
    for (let n = 0, at = clock(22); n < month.people * 40; n++)
      flow(
        (at += whole(30, 200)),
        servers.scanner,
        n % 5 === 0 ? servers.web : `10.20.1.${10 + (n % month.people)}`,
        whole(1, 9000),
        60,
        n % 7 === 0 ? 200 : 0,
        3,
      );

  // a deployment on Tuesdays and Thursdays: many services restarted, files replaced
  if (works && (weekday === 1 || weekday === 3))
    for (let n = 0, at = clock(19.5); n < 120; n++) {
      at += whole(100, 1500);
      touch(at, "web-1", n % 3 === 0 ? "delete" : "create", `/srv/www/release-${day}/asset-${n}.js`);
      if (n % 20 === 0) start(at, "web-1", "/usr/bin/systemctl", "systemctl restart app", "/usr/bin/deploy");
    }

  // the public site: visitors, a search engine, a scanner of the internet that finds nothing, a forgotten link
  for (let n = works ? 900 : 400; n > 0; n--)
    served(
      clock(between(7, 24)),
      `192.0.2.${whole(1, 250)}`,
      ["/", "/news", "/search", "/about", "/forms/a-1", "/style.css"][whole(0, 5)] ?? "/",
      random() < 0.2
        ? `q=${["tax return", "o'brien", "select a form", "50% off", "union square", "opening hours"][whole(0, 5)]}`.replaceAll(
            " ",
            "+",
          )
        : undefined,
      random() < 0.02 ? 404 : 200,
      "Mozilla/5.0 (X11; Linux x86_64)",
    );
  // and among them what looks odd; drawn by itself, so that the rest of the month stays as it is
  const odd = randomOf(month.seed * 1000 + day + 500_000);
  for (let n = works ? 400 : 200; n > 0; n--) {
    const at = clock(7 + odd() * 17);
    made.push({
      ...{ time: instant(at), at: instant(at), event: "access" },
      source: { address: `192.0.2.${1 + Math.floor(odd() * 250)}` },
      destination: { address: servers.web, port: 443 },
      http: { host: "www.office.example", ...oddRequest(odd) },
    });
  }
  for (let n = 0, at = clock(3); n < 300; n++)
    served(
      (at += whole(500, 4000)),
      "192.0.2.251",
      `/news/${n}`,
      undefined,
      n % 40 === 0 ? 404 : 200,
      "Searchbot/2.1 (+https://search.example/bot)",
    );
  for (let n = whole(3, 12); n > 0; n--)
    served(clock(between(0, 24)), "192.0.2.252", "/favicon-old.ico", undefined, 404, "Mozilla/5.0");
  // strangers knock at the door, as they do everywhere
  for (let n = whole(20, 60); n > 0; n--)
    flow(
      clock(between(0, 24)),
      `192.0.2.${whole(1, 250)}`,
      servers.web,
      [22, 23, 3389, 445, 80][whole(0, 4)] ?? 22,
      60,
      0,
      2,
    );

  // month end: payroll to the bank, reports out of the database
  if (day % 30 >= 27 && works) {
    flow(
      clock(17),
      everybody[7]?.address ?? servers.files,
      bank.address,
      443,
      about(4_000_000_000, 0.2),
      2_000_000,
      30 * minuteMs,
      bank.name,
    );
    flow(clock(20), servers.database, servers.files, 445, about(30_000_000_000, 0.2), 8_000_000, 40 * minuteMs);
  }
  // a service whose password was changed and who tries again with the old one, until somebody comes in the morning
  if (day === 11)
    for (let at = clock(6); at < clock(8.5); at += 10 * minuteMs)
      enter(at, "OFFICE\\svc-report", "failure", servers.database, "ad", "dc-1");
  for (let at = clock(0); at < clock(24); at += 30 * minuteMs)
    enter(at, "OFFICE\\svc-backup", "success", servers.backup, "ad", "dc-1");

  made.sort((a, b) => a.at - b.at);
  return made.map((one, line) => ({
    measures: {},
    ...one,
    id: `${month.seed}-${day}-${String(line).padStart(6, "0")}`,
    sensor: "office",
    from: `day-${day}.log`,
    line: line + 1,
  }));
};
