import { SaxesParser } from "saxes";
import { BadBody } from "./bad-body.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import { isZip } from "./unzip.ts";

/** An element: names without their prefix, and the namespace they stand in. */
export interface XmlElement {
  readonly name: string;
  readonly space: string;
  /** By local name; of equal ones the last. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, that of its children left out. */
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

const elementsAtMost = 500_000;
const depthAtMost = 100;
/** Characters of a document: a feed of a thousand long posts has 10 MB. */
const charactersAtMost = 33_554_432;

/**
 * An XML document as a tree. A document type is refused before anything of it is read: with it go entity bombs and
 * external entities, and no feed needs one. Nothing is ever fetched. The encoding is that of its mark or declaration.
 *
 * @throws BadBody WGL_XML, WGL_XML_DOCTYPE, and those of a body
 * @see XML 1.0 §4.3.3, Namespaces in XML 1.0
 */
export const parseXml = (body: Uint8Array): XmlElement => {
  if (body.length === 0) throw new BadBody("WGL_BODY_EMPTY");
  const bytes = isGzip(body) ? gunzip(body) : body;
  if (isGzip(bytes) || isZip(bytes)) throw new BadBody("WGL_BODY_NESTED");
  if (bytes.length > charactersAtMost) throw new BadBody("WGL_BODY_LARGE", { limit: charactersAtMost });
  return treeOf(textOf(bytes));
};

interface Growing {
  readonly name: string;
  readonly space: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Growing[];
  text: string;
  readonly line: number;
}

const treeOf = (text: string): XmlElement => {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: Growing[] = [];
  let root: Growing | undefined;
  let count = 0;
  const refuse = (reason: string): never => {
    throw new BadBody("WGL_XML", { reason });
  };
  parser.on("error", (error) => refuse(error.message));
  parser.on("doctype", () => {
    throw new BadBody("WGL_XML_DOCTYPE");
  });
  parser.on("opentag", (tag) => {
    if (++count > elementsAtMost) refuse(`it has more than ${elementsAtMost} elements`);
    if (open.length >= depthAtMost) refuse(`it nests deeper than ${depthAtMost} levels`);
    const element: Growing = {
      name: tag.local,
      space: tag.uri,
      attributes: new Map(Object.values(tag.attributes).map((one) => [one.local, one.value])),
      children: [],
      text: "",
      line: parser.line,
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on("text", (some) => {
    const here = open.at(-1);
    if (here) here.text += some;
  });
  parser.on("cdata", (some) => {
    const here = open.at(-1);
    if (here) here.text += some;
  });
  parser.on("closetag", () => void open.pop());
  // A document type is refused by its first character on, however long it would be.
  if (/^\s*(?:<\?[^>]*\?>\s*|<!--[^]*?-->\s*)*<!DOCTYPE/i.test(text.slice(0, 65_536)))
    throw new BadBody("WGL_XML_DOCTYPE");
  parser.write(text).close();
  return root ?? refuse("it has no element");
};

const textOf = (bytes: Uint8Array): string => {
  const head = Buffer.from(bytes.subarray(0, 200)).toString("latin1");
  const mark = head.startsWith("\xff\xfe") ? "utf-16le" : head.startsWith("\xfe\xff") ? "utf-16be" : undefined;
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]{1,40})["']/i.exec(
    head.replace(/^\xef\xbb\xbf/, ""),
  )?.[1];
  try {
    return new TextDecoder(mark ?? declared ?? "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BadBody("WGL_XML", { reason: `its text is not ${mark ?? declared ?? "utf-8"}` });
  }
};

/** The first child of this name; in any namespace. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((one) => one.name === name);

export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((one) => one.name === name) ?? [];

/** Text of an element and all below it, in order of their elements. */
export const wholeText = (element: XmlElement | undefined): string =>
  element === undefined ? "" : element.text + element.children.map(wholeText).join(" ");

/** An element as XML again, with local names: what readers of ours look at. Its own text stands before its children. */
export const printXml = ({ name, attributes, text, children }: XmlElement): string => {
  const said = [...attributes].map(([key, value]) => ` ${key}="${markup(value)}"`).join("");
  return `<${name}${said}>${markup(text)}${children.map(printXml).join("")}</${name}>`;
};

const markup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
