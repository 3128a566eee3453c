import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// in a folder of the installation: in the one that everybody may write to, another user of the machine could put our code
enableCompileCache(
  process.env["NODE_COMPILE_CACHE"] ?? fileURLToPath(new URL("../node_modules/.cache/waglan", import.meta.url)),
);
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
