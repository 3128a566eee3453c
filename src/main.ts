import { enableCompileCache } from "node:module";

enableCompileCache();
const argv = process.argv.slice(2);
// a sensor is small: it carries nothing of the platform
if (argv[0] === "sensor") {
  const [{ runSensorCli }, { sensor }] = await Promise.all([
    import("#cli/sensor-program.ts"),
    import("#wiring/sensor.ts"),
  ]);
  await runSensorCli(argv, sensor);
} else {
  const [{ runCli }, { abilities }] = await Promise.all([import("#cli/program.ts"), import("#wiring/abilities.ts")]);
  await runCli(argv, abilities);
}
