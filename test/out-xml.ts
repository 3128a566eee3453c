import { SaxesParser } from "saxes";

/** True when a strict parser reads it to the end. */
export const isXml = (text: string): boolean => {
  const parser = new SaxesParser();
  let good = true;
  parser.on("error", () => {
    good = false;
  });
  parser.write(text).close();
  return good;
};
