import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import { after, day } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";
import type { SyslogInput } from "#jobs/config/inputs.ts";
import { placeOf } from "#jobs/config/config.ts";
import { GatherLines } from "#jobs/batches/gather-lines.ts";
import { InputDrops } from "#jobs/input-drops.ts";
import { startLoops } from "#jobs/loops.ts";
import { takeFile } from "#jobs/collect/take-file.ts";
import { openTail, type Tail } from "#listen/file-tail.ts";
import type { Listener, Sink } from "#listen/sink.ts";
import { listenTcp } from "#listen/syslog-tcp.ts";
import { listenUdp } from "#listen/syslog-udp.ts";
import { formats } from "#telemetry/index.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** Milliseconds between looks for batches that are due, and at followed files. */
const [gatherEveryMs, tailEveryMs] = [250, 1000];
/** Days the place in a file is remembered that nobody saw. */
const rememberDays = 30;

/** What inputs need of a waglan. */
export type InputWorld = Pick<Waglan, "config" | "state" | "directory" | "now">;

/** What is listened on and followed while this process runs. */
export interface RunningInputs {
  readonly listeners: readonly Listener[];
  /** Bytes that listeners took and that wait for the database. */
  readonly waiting: () => number;
  /** Stops reading, then commits what was read. */
  readonly close: () => Promise<void>;
}

/**
 * Listens with the role `api` and follows files with the role `collect`; what came in is handed to the same act as batches
 * over HTTP.
 *
 * @param accepted is called after a batch was
 * @throws WGL_LISTEN_PLACE, WGL_LISTEN_TLS, WGL_INPUT_FORMAT, WGL_INPUT_PATH: an input that does not work stops the start
 */
export const openInputs = async (
  waglan: InputWorld,
  metrics: Registry,
  accepted: () => void,
  failed: (loop: string, error: unknown) => void,
): Promise<RunningInputs> => {
  const { config, state, directory, now } = waglan;
  const { waiting: limit } = config.telemetry;
  checkFormats(waglan);
  const counted = new Counter({
    name: "waglan_input_dropped_total",
    help: "What inputs did not take, by input, sensor and reason",
    labelNames: ["input", "sensor", "reason"],
    registers: [metrics],
  });
  const taken = new Counter({
    name: "waglan_input_lines_total",
    help: "Messages that listeners took, by sensor",
    labelNames: ["sensor"],
    registers: [metrics],
  });
  const drops = new InputDrops(({ input, sensor, reason, n }) =>
    counted.inc({ input, sensor: sensor ?? "", reason }, n),
  );
  const sensorOf = (key: string) => directory.known.directory.sensors.find((one) => one.key === key);
  const lost: { of: Map<string, string> } = { of: new Map() };
  const gather = new GatherLines(
    state,
    randomBytes(8).toString("hex"),
    limit,
    (id) => directory.known.sensor(id) !== undefined,
    (id, lines) => drops.count("syslog", "no-sensor", lost.of.get(id) ?? id, lost.of.get(id), lines),
  );
  new Gauge({
    name: "waglan_input_waiting_bytes",
    help: "Bytes of messages that listeners took and that wait for the database",
    registers: [metrics],
    collect() {
      this.set(gather.waiting);
    },
  });
  const sink: Sink = {
    knows: (key) => sensorOf(key) !== undefined,
    hasRoom: (key) => {
      const sensor = sensorOf(key);
      return sensor === undefined || gather.hasRoom(sensor.id);
    },
    take: (key, format, line) => {
      const sensor = sensorOf(key);
      if (!sensor) return drops.count("syslog", "no-sensor", key, key);
      lost.of.set(sensor.id, key);
      taken.inc({ sensor: key });
      gather.add(sensor.id, format, line, now());
    },
    dropped: (input, reason, detail, sensor, n) => drops.count(input, reason, detail, sensor, n),
  };
  const listeners: Listener[] = [];
  const stopListening = async (): Promise<void> => {
    await Promise.all(listeners.map((one) => one.close()));
  };
  if (config.roles.includes("api"))
    try {
      for (const input of config.inputs.syslog) listeners.push(await listen(waglan, input, sink));
    } catch (error) {
      await stopListening();
      throw error;
    }
  const files = config.roles.includes("collect") ? config.inputs.files : [];
  const tail = openTail(
    files.map((one) => ({ ...one, path: placeOf(config, one.path) })),
    {
      sensor: sensorOf,
      files: (sensor) => state.act((tx) => tx.inputs.files(sensor)),
      add: (file) => state.act((tx) => tx.inputs.addFile(file)),
      see: (n, at) => state.act((tx) => tx.inputs.seeFile(n, at)),
      forget: (n) => state.act((tx) => tx.inputs.forgetFile(n)),
      take: async (part, at) => {
        const taken = await takeFile(state, part, limit, at);
        if (taken === "taken") accepted();
        return taken;
      },
      dropped: (input, reason, detail, sensor) => drops.count(input, reason, detail, sensor),
    },
  );
  const turn = async (all: boolean): Promise<void> => {
    for (const one of listeners) one.look();
    try {
      if (await gather.commit(now(), all)) accepted();
    } finally {
      for (const one of listeners) one.resume();
      await drops.keep(state, now());
    }
  };
  const loops = startLoops(
    [
      { name: "gather", restMs: gatherEveryMs, turn: () => turn(false).then(() => false) },
      ...(files.length === 0 ? [] : [{ name: "files", restMs: tailEveryMs, turn: () => tailTurn(waglan, tail) }]),
    ],
    failed,
  );
  const close = async (): Promise<void> => {
    await stopListening();
    await loops.stop();
    await tail.close();
    try {
      await turn(true);
    } catch (error) {
      failed("gather", error);
    }
  };
  let closing: Promise<void> | undefined;
  return {
    listeners,
    waiting: () => gather.waiting,
    close: () => (closing ??= close()),
  };
};

/** One process follows the files of a machine; two with the same files would each take them. */
const tailTurn = async ({ state, now }: InputWorld, tail: Tail): Promise<boolean> => {
  const more = await state.alone("input files", async () => {
    const at = now();
    const found = await tail.turn(at);
    await state.act((tx) => tx.inputs.forgetFiles(after(at, -rememberDays * day)));
    return found;
  });
  return more ?? false;
};

const listen = async ({ config }: InputWorld, input: SyslogInput, sink: Sink): Promise<Listener> => {
  if (input.transport === "udp") return listenUdp(input, sink);
  if (input.tls === undefined) return listenTcp(input, sink);
  const read = async (path: string): Promise<Buffer> => {
    const place = placeOf(config, path);
    try {
      return await readFile(place);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      throw new WaglanError("WGL_INPUT_PATH", { path: place, code }, { cause: error });
    }
  };
  const { cert, key, ca } = input.tls;
  return listenTcp(input, sink, {
    cert: await read(cert),
    key: await read(key),
    ...(ca === undefined ? {} : { ca: await read(ca) }),
  });
};

const checkFormats = ({ config }: InputWorld): void => {
  const named = [
    ...config.inputs.syslog.map(({ listen, format }) => ({ input: listen, format })),
    ...config.inputs.files.map(({ path, format }) => ({ input: path, format })),
  ];
  for (const { input, format } of named)
    if (format !== undefined && !formats.some(({ id }) => id === format))
      throw new WaglanError("WGL_INPUT_FORMAT", { format, input });
};
