import { newDetector } from "./new-detector.ts";
import { newFeed } from "./new-feed.ts";
import { newFormat } from "./new-format.ts";

// npm run new:feed ID | new:format ID | new:detector ID: the folder, its samples, its line in the register; prints what is next
const makers: Readonly<Record<string, (id: string) => string>> = {
  feed: newFeed,
  format: newFormat,
  detector: newDetector,
};

const [kind = "", id = ""] = process.argv.slice(2);
const make = makers[kind];
if (make === undefined || id === "") {
  process.stderr.write("Usage: npm run new:feed ID, npm run new:format ID, npm run new:detector ID\n");
  process.exitCode = 2;
} else {
  try {
    process.stdout.write(`${make(id)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
