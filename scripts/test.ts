import { runTests } from "./run-tests.ts";
import { suites, testFiles } from "./test-files.ts";
import { freshPortal } from "./portal.ts";
import { withSampleServer } from "./sample-server.ts";

// npm test                      every test that needs nothing but npm
// npm test -- feeds visibility  test/feeds.test.ts and test/visibility.test.ts
// npm test -- fast|database     a suite (scripts/test-files.ts says which is which)
// npm run test:browser          the portal, in Debian's chromium
// npm test -- served            the same over the real server, playing the sample community
const asked = process.argv.slice(2);
const suite = suites.find((name) => name === asked[0]);
const named = (): readonly string[] => asked.map((name) => (name.endsWith(".ts") ? name : `test/${name}.test.ts`));

if (suite === "browser" || asked[0] === "served") await freshPortal();
process.exitCode =
  asked[0] === "served"
    ? await withSampleServer((address) => {
        process.env["WAGLAN_BASE_URL"] = address;
        return runTests(testFiles("browser"));
      })
    : await runTests(suite ? testFiles(suite) : asked.length > 0 ? named() : testFiles("all"));
