import { runTests } from "./run-tests.ts";
import { suites, testFiles } from "./test-files.ts";
import { freshPortal } from "./portal.ts";

// npm test                      every test that needs nothing but npm
// npm test -- feeds visibility  test/feeds.test.ts and test/visibility.test.ts
// npm test -- fast|database     a suite (scripts/test-files.ts says which is which)
// npm run test:browser          the portal, in Debian's chromium
const asked = process.argv.slice(2);
const suite = suites.find((name) => name === asked[0]);
const named = (): readonly string[] => asked.map((name) => (name.endsWith(".ts") ? name : `test/${name}.test.ts`));

if (suite === "browser") await freshPortal();
process.exitCode = await runTests(suite ? testFiles(suite) : asked.length > 0 ? named() : testFiles("all"));
