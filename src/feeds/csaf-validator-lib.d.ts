/** What we use of @secvisogram/csaf-validator-lib, which ships no declarations. Each test is named "mandatoryTest_6_1_21". */
interface CsafTestResult {
  readonly isValid?: boolean;
  readonly errors?: readonly CsafTestWord[];
  readonly warnings?: readonly CsafTestWord[];
  readonly infos?: readonly CsafTestWord[];
}
interface CsafTestWord {
  readonly message?: string;
  readonly instancePath?: string;
}
type CsafTest = (document: unknown) => CsafTestResult | Promise<CsafTestResult>;

declare module "@secvisogram/csaf-validator-lib/schemaTests.js" {
  export const csaf_2_0_strict: CsafTest;
}
declare module "@secvisogram/csaf-validator-lib/mandatoryTests.js" {
  const tests: Readonly<Record<string, CsafTest>>;
  export = tests;
}
declare module "@secvisogram/csaf-validator-lib/optionalTests.js" {
  const tests: Readonly<Record<string, CsafTest>>;
  export = tests;
}
declare module "@secvisogram/csaf-validator-lib/informativeTests.js" {
  const tests: Readonly<Record<string, CsafTest>>;
  export = tests;
}
