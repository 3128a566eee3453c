/**
 * A process of its own for engines.test: starts what its argument says, prints one line of JSON about it, stays until its
 * standard input ends, and then stops cleanly. A SIGKILL is what the tests are about.
 *
 *   node -C source test/engines-holder.ts state|history FOLDER
 */
import { once } from "node:events";
import { startEmbedded } from "#store/embedded.ts";
import { startHistoryEngine } from "#history/embedded.ts";

const [what, folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("wanted: state|history FOLDER");

try {
  const engine =
    what === "state"
      ? await startEmbedded(folder, { durable: false }).then(({ pid, adopted, address, stop }) => ({
          says: { pid: pid(), adopted, path: address().path },
          stop,
        }))
      : await startHistoryEngine(folder).then(({ pid, close }) => ({ says: { pid: pid() }, stop: close }));
  console.log(JSON.stringify(engine.says));
  process.stdin.resume();
  await once(process.stdin, "end");
  await engine.stop();
} catch (error) {
  console.log(JSON.stringify({ code: (error as { code?: string }).code, message: String(error) }));
  process.exitCode = 4;
}
