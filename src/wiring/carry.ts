import { sign } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { Opened } from "#cli/abilities.ts";
import type { Sensor } from "#community/sensor.ts";
import { WaglanError } from "#core/result.ts";
import { acceptCarried, carryToSensor, readCarriedParcel } from "#jobs/sensors/carry.ts";
import { evidencePublicKey } from "#store/secrets.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** What the command line carries to and from a sensor behind a one-way link. */
export const carryOf = (waglan: Waglan): Opened["carry"] => {
  const { state, views, directory, exclusions, secrets, rules, idOf, now, config } = waglan;
  const named = (key: string): Sensor => {
    const sensor = directory.known.directory.sensors.find((one) => one.key === key);
    if (sensor === undefined) throw new WaglanError("WGL_SENSOR_UNKNOWN", { sensor: key });
    return sensor;
  };
  return {
    toSensor: async (key) => {
      const sensor = named(key);
      await rules.refresh(now());
      const made = await carryToSensor(
        {
          ...{ state, views, idOf, secret: secrets.id, rules: () => rules },
          known: () => directory.known,
          exclusions: () => exclusions.known,
          exclusionsNamed: () => exclusions.name,
          exclusionLists: () => exclusions.inForce,
          sign: (text) => sign(null, Buffer.from(text), secrets.evidence).toString("base64"),
          publicKey: evidencePublicKey(secrets),
        },
        sensor,
        now(),
      );
      if (made === undefined) throw new WaglanError("WGL_SENSOR_UNKNOWN", { sensor: key });
      return { packed: Readable.from(made.packed, { objectMode: false }), count: made.count };
    },

    parcel: async (key, bytes) => {
      const sensor = named(key);
      const read = await readCarriedParcel(bytes, now());
      if (!read.ok) return read;
      const did = await acceptCarried(state, sensor, read.value, config.telemetry.waiting, now, () => wait(500));
      if (!did.ok) return did;
      const { head, lines } = read.value;
      return { ok: true, value: { number: head.number, lines, repeated: did.value === "duplicate" } };
    },
  };
};
