import type { SensorAbility } from "./abilities.ts";
import { processIo } from "./io.ts";
import { runVerbs } from "./run-verbs.ts";
import { sensorVerb } from "./sensor.ts";

/** The command line of a process that is a sensor: the one verb, without what the others carry. */
export const runSensorCli = async (argv: readonly string[], sensor: SensorAbility): Promise<void> => {
  process.exitCode = await runVerbs([sensorVerb], argv, processIo(), { sensor });
};
