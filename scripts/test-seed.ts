import fc from "fast-check";

// Loaded before each test file when WAGLAN_TEST_SEED is set: laws then draw the same cases each time. Without it each run
// draws its own, which finds more; CI must give the same answer to the same commit.
const seed = Number(process.env["WAGLAN_TEST_SEED"]);
if (!Number.isSafeInteger(seed)) throw new Error("Cannot draw cases, WAGLAN_TEST_SEED is not a whole number");
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
