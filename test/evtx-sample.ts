import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EvtxWriter, type Node, number, text, type Typed } from "./evtx-writer.ts";

/** Where the sample lies; `node -C source test/evtx-sample.ts` writes it anew. */
export const samplePath: string = fileURLToPath(new URL("../src/telemetry/evtx/sample.evtx", import.meta.url));

const data = (first: number, ...names: readonly string[]): Node => ({
  name: "EventData",
  children: names.map((name, i) => ({
    name: "Data",
    attributes: [["Name", name] as const],
    children: [{ hole: first + i, optional: true }],
  })),
});

const event = (provider: string, channel: string, ...names: readonly string[]): Node => ({
  name: "Event",
  attributes: [["xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"]],
  children: [
    {
      name: "System",
      children: [
        { name: "Provider", attributes: [["Name", provider]] },
        { name: "EventID", children: [{ hole: 0 }] },
        { name: "TimeCreated", attributes: [["SystemTime", { hole: 1 }]] },
        { name: "EventRecordID", children: [{ hole: 2 }] },
        { name: "Channel", children: [channel] },
        { name: "Computer", children: ["ws7.parks.example"] },
      ],
    },
    data(3, ...names),
  ],
});

/** 100 ns since 1601, of 2026-11-19T08:00:00Z and so many seconds. */
const ticks = (seconds: number): bigint =>
  (BigInt(Date.UTC(2026, 10, 19, 8, 0, seconds)) + 11_644_473_600_000n) * 10_000n;

const head = (id: number, record: number): readonly Typed[] => [
  number(0x06, 2, BigInt(id)),
  number(0x11, 8, ticks(record)),
  number(0x0a, 8, BigInt(record)),
];

/** Three records as Windows writes them, one with damaged bytes among them, cut off where a full disk would. */
export const sampleEvtx = (): Buffer => {
  const sysmon = "Microsoft-Windows-Sysmon";
  const operational = `${sysmon}/Operational`;
  const writer = new EvtxWriter();
  writer.record(event(sysmon, operational, "Image", "CommandLine", "User", "Hashes"), [
    ...head(1, 1),
    text("C:\\Temp\\a.exe"),
    text("a.exe --fetch https://bad.example/stage2"),
    text("PARKS\\chan"),
    text("MD5=0123456789abcdef0123456789abcdef,IMPHASH=00112233445566778899aabbccddeeff"),
  ]);
  writer.record(event(sysmon, operational, "Image", "SourceIp", "SourcePort", "DestinationIp", "DestinationPort"), [
    ...head(3, 2),
    text("C:\\Temp\\a.exe"),
    text("192.0.2.14"),
    number(0x06, 2, 50_111n),
    text("203.0.113.7"),
    number(0x06, 2, 443n),
  ]);
  writer.record(event(sysmon, operational, "QueryName"), [...head(22, 3), text("c2.bad.example")]);
  writer.record(
    event("Microsoft-Windows-Security-Auditing", "Security", "TargetUserName", "LogonType", "IpAddress", "IpPort"),
    [...head(4625, 4), text("lo"), number(0x08, 4, 3n), text("198.51.100.23"), text("51000")],
  );
  const file = writer.file();
  let end = 4096 + 512;
  const starts: number[] = [];
  while (file.readUInt32LE(end) === 0x2a2a) {
    starts.push(end);
    end += file.readUInt32LE(end + 4);
  }
  // the third record: an element's start becomes nothing that is known
  file[(starts[2] ?? 0) + 24] = 0x3f;
  return file.subarray(0, end);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(samplePath, sampleEvtx());
