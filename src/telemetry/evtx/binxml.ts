import type { EventElement } from "#telemetry/windows-event.ts";
import { binXmlType, nullType, utf16Text, valueText } from "./value.ts";

// [MS-EVEN6] §2.2.12 BinXml, with the offsets that files have (libevtx, "Windows XML Event Log (EVTX) format", §5):
//   0x00 end of fragment    0x05 text            0x0a target of an instruction   0x0f fragment header
//   0x01 start of element   0x06 attribute       0x0b its data                   0x40 more of the same follows;
//   0x02 > 0x03 /> 0x04 </  0x07 CDATA           0x0c template instance               of an element: attributes follow
//                           0x08 &#n; 0x09 &n;   0x0d, 0x0e substitution, optional

/** Wrong bytes inside a record; the record is refused, the next is read. */
export class BadBinXml extends Error {}

/** Places a value of the instance is put into; `name` and `attributes` of templates hold these among their texts. */
interface Hole {
  readonly hole: number;
  readonly optional: boolean;
}
type Part = string | Hole | Element;
interface Element {
  readonly name: string;
  /** Dependency identifier: the value without which the element is not there; `none`: always there. */
  readonly dependsOn: number;
  readonly attributes: readonly (readonly [name: string, parts: readonly Part[]])[];
  readonly children: readonly Part[];
}
const none = 0xffff;
interface Value {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** Elements within elements; templates within values within templates count too. */
const deepest = 32;
/** Steps (tokens, and elements put together) one record may take: 64 KiB hold fewer tokens than that. */
const mostSteps = 100_000;
/** UTF-16 units of text one record may become: a value may be put into a template many times. */
const mostText = 1 << 20;

const utf16Length = 2;

/** Reads the records of one chunk; templates and names are read once and stand for all records after. */
export class BinXmlReader {
  readonly #chunk: Uint8Array;
  readonly #view: DataView;
  readonly #names = new Map<number, { readonly name: string; readonly end: number }>();
  readonly #templates = new Map<number, Element | undefined>();
  #at = 0;
  #end = 0;
  #steps = 0;
  #text = 0;
  /** Where the record read last ended, in the chunk: behind all it says, before what fills it up. */
  ended = 0;

  constructor(chunk: Uint8Array) {
    this.#chunk = chunk;
    this.#view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }

  /**
   * The element that the bytes `[start, end)` of the chunk hold.
   *
   * @throws BadBinXml
   */
  record(start: number, end: number): EventElement | undefined {
    this.#steps = 0;
    this.#text = 0;
    this.ended = end;
    return this.#document(start, end, 0, 0)[0];
  }

  /** The elements of a fragment; the cursor is put back to where it was. */
  #document(start: number, end: number, depth: number, templated: number): readonly EventElement[] {
    if (depth > deepest) throw new BadBinXml("too deep");
    const [at, before] = [this.#at, this.#end];
    [this.#at, this.#end] = [start, end];
    const elements: EventElement[] = [];
    while (this.#at < this.#end) {
      this.#step();
      const token = this.#byte();
      if (token === 0x00) break;
      if (token === 0x0f) this.#skip(3);
      else if (token === 0x0a) this.#skipInstruction();
      else if (token === 0x0c) elements.push(...this.#instance(depth, templated));
      else if ((token & 0x3f) === 0x01) {
        const element = this.#element(token, false, depth);
        elements.push(...this.#resolved(element, [], depth));
      } else throw new BadBinXml(`token ${token}`);
    }
    this.ended = this.#at;
    [this.#at, this.#end] = [at, before];
    return elements;
  }

  /** A template's definition, read when it is met first, and the values that this record puts into it. */
  #instance(depth: number, templated: number): readonly EventElement[] {
    if (templated > 8) throw new BadBinXml("templates within templates");
    this.#skip(1 + 4);
    const offset = this.#word();
    if (offset === this.#at) {
      this.#template(offset);
      this.#skip(4 + 16);
      this.#skip(this.#word());
    }
    const template = this.#template(offset);
    const count = this.#word();
    if (count > 4096) throw new BadBinXml("too many values");
    let start = this.#at + count * 4;
    const values: Value[] = [];
    for (let i = 0; i < count; i++) {
      const size = this.#short();
      const type = this.#byte();
      this.#skip(1);
      values.push({ type, start, end: start + size });
      start += size;
    }
    if (start > this.#end) throw new BadBinXml("values beyond the record");
    this.#at = start;
    return template === undefined ? [] : this.#resolved(template, values, depth, templated + 1);
  }

  /** next (4), GUID (16), size (4), fragment header, element, end */
  #template(offset: number): Element | undefined {
    if (this.#templates.has(offset)) return this.#templates.get(offset);
    if (offset < 512 || offset + 24 > this.#chunk.length) throw new BadBinXml("template out of the chunk");
    const [at, end] = [this.#at, this.#end];
    const size = this.#view.getUint32(offset + 20, true);
    this.#at = offset + 24;
    this.#end = this.#at + size;
    if (this.#end > this.#chunk.length) throw new BadBinXml("template beyond the chunk");
    let element: Element | undefined;
    while (this.#at < this.#end && element === undefined) {
      this.#step();
      const token = this.#byte();
      if (token === 0x00) break;
      if (token === 0x0f) this.#skip(3);
      else if (token === 0x0a) this.#skipInstruction();
      else if ((token & 0x3f) === 0x01) element = this.#element(token, true, 0);
      else throw new BadBinXml(`token ${token} in a template`);
    }
    [this.#at, this.#end] = [at, end];
    this.#templates.set(offset, element);
    return element;
  }

  /** The cursor stands behind the start token. */
  #element(token: number, inTemplate: boolean, depth: number): Element {
    if (depth > deepest) throw new BadBinXml("too deep");
    // Elements of templates begin with the number of a value they hang on; others have none, but for some old writers.
    const hangs = inTemplate || !this.#isName(this.#at + 4);
    const dependsOn = hangs ? this.#short() : none;
    this.#skip(4);
    const name = this.#name();
    const attributes: (readonly [string, readonly Part[]])[] = [];
    if ((token & 0x40) !== 0) {
      this.#skip(4);
      while (this.#at < this.#end && (this.#peek() & 0x3f) === 0x06) {
        this.#step();
        const more = (this.#byte() & 0x40) !== 0;
        attributes.push([this.#name(), this.#parts(inTemplate, depth, true)]);
        if (!more) break;
      }
    }
    const close = this.#byte();
    if (close === 0x03) return { name, dependsOn, attributes, children: [] };
    if (close !== 0x02) throw new BadBinXml(`token ${close} where an element's start should close`);
    const children = this.#parts(inTemplate, depth, false);
    if (this.#byte() !== 0x04) throw new BadBinXml("an element does not close");
    return { name, dependsOn, attributes, children };
  }

  /** Texts, entities and holes; of an element also elements. Stops before what is none of these. */
  #parts(inTemplate: boolean, depth: number, ofAttribute: boolean): readonly Part[] {
    const parts: Part[] = [];
    while (this.#at < this.#end) {
      this.#step();
      const token = this.#peek();
      switch (token & 0x3f) {
        case 0x05: {
          this.#skip(1);
          if (this.#byte() !== 0x01) throw new BadBinXml("a text that is none");
          parts.push(this.#counted());
          break;
        }
        case 0x07:
          this.#skip(1);
          parts.push(this.#counted());
          break;
        case 0x08:
          this.#skip(1);
          parts.push(String.fromCharCode(this.#short()));
          break;
        case 0x09:
          this.#skip(1);
          parts.push(entities[this.#name()] ?? "");
          break;
        case 0x0d:
        case 0x0e: {
          this.#skip(1);
          parts.push({ hole: this.#short(), optional: (token & 0x3f) === 0x0e });
          this.#skip(1);
          break;
        }
        case 0x0a:
          this.#skip(1);
          this.#skipInstruction();
          break;
        case 0x01:
          if (ofAttribute) return parts;
          this.#skip(1);
          parts.push(this.#element(token, inTemplate, depth + 1));
          break;
        default:
          return parts;
      }
    }
    return parts;
  }

  /**
   * An element with its holes filled. One that hangs on a value that is null, and is empty, is not there; with a hole that is null and
   * nothing it hangs on it is there and empty, as Windows prints `<Data Name="RuleName"></Data>`. A list in a hole repeats
   * the element (§3.1.4.7.5); binary XML in a hole is put in as elements.
   */
  #resolved(element: Element, values: readonly Value[], depth: number, templated = 0): readonly EventElement[] {
    this.#step();
    if (depth > deepest) throw new BadBinXml("too deep");
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const [name, parts] of element.attributes) {
      const text = this.#joined(parts, values);
      if (text !== undefined) attributes[name] = text;
    }
    const children: (EventElement | string)[] = [];
    let list: readonly string[] | undefined;
    for (const part of element.children) {
      if (typeof part === "string") children.push(this.#kept(part));
      else if ("hole" in part) {
        const value = values[part.hole];
        if (value === undefined || value.type === nullType || value.end === value.start) continue;
        if (value.type === binXmlType) children.push(...this.#document(value.start, value.end, depth + 1, templated));
        else {
          const text = valueText(value.type, this.#chunk.subarray(value.start, value.end));
          if (typeof text === "string") children.push(this.#kept(text));
          else if (text !== undefined) {
            if (element.children.length === 1) list = text;
            else children.push(this.#kept(text.join("")));
          }
        }
      } else children.push(...this.#resolved(part, values, depth + 1, templated));
    }
    const { name } = element;
    // The `Event` of some templates hangs on its data: without them it still says who, what and when.
    const hanging = element.dependsOn !== none && values[element.dependsOn]?.type === nullType;
    if (hanging && children.length === 0 && list === undefined) return [];
    if (list === undefined) return [{ name, attributes, children }];
    if (list.length === 0) return [{ name, attributes, children }];
    return list.map((text) => ({ name, attributes, children: [this.#kept(text)] }));
  }

  /** Texts and values of an attribute; nothing when all of it is an optional value that is null. */
  #joined(parts: readonly Part[], values: readonly Value[]): string | undefined {
    let text = "";
    for (const part of parts) {
      if (typeof part === "string") text += part;
      else if ("hole" in part) {
        const value = values[part.hole];
        if (value === undefined || value.type === nullType) {
          if (part.optional && parts.length === 1) return undefined;
          continue;
        }
        const own = valueText(value.type, this.#chunk.subarray(value.start, value.end));
        text += typeof own === "string" ? own : (own ?? []).join(" ");
      }
    }
    return this.#kept(text);
  }

  #kept(text: string): string {
    this.#text += text.length;
    if (this.#text > mostText) throw new BadBinXml("too much text");
    return text;
  }

  /** A name by its place in the chunk; one that stands right here is stepped over. */
  #name(): string {
    const offset = this.#word();
    const found = this.#nameAt(offset);
    if (found === undefined) throw new BadBinXml("no name");
    if (offset === this.#at) this.#at = found.end;
    return found.name;
  }

  /** next (4), hash (2), length (2), UTF-16, zero (2) */
  #nameAt(offset: number): { readonly name: string; readonly end: number } | undefined {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    if (offset < 512 || offset + 10 > this.#chunk.length) return undefined;
    const length = this.#view.getUint16(offset + 6, true);
    const end = offset + 8 + length * utf16Length + utf16Length;
    if (length === 0 || length > 255 || end > this.#chunk.length) return undefined;
    const name = utf16Text(this.#chunk.subarray(offset + 8, end - utf16Length));
    const found = { name, end };
    this.#names.set(offset, found);
    return found;
  }

  /** True when the four bytes at `at` are the place of a name: right behind them, or one that was read before. */
  #isName(at: number): boolean {
    if (at + 4 > this.#chunk.length) return false;
    const offset = this.#view.getUint32(at, true);
    return (offset === at + 4 || (offset < at && offset >= 512)) && this.#nameAt(offset) !== undefined;
  }

  #skipInstruction(): void {
    this.#name();
    if (this.#at < this.#end && this.#peek() === 0x0b) {
      this.#skip(1);
      this.#counted();
    }
  }

  #counted(): string {
    const length = this.#short() * utf16Length;
    const from = this.#at;
    this.#skip(length);
    return utf16Text(this.#chunk.subarray(from, from + length));
  }

  #step(): void {
    if (++this.#steps > mostSteps) throw new BadBinXml("too many steps");
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#end) throw new BadBinXml("cut off");
  }

  #peek(): number {
    if (this.#at >= this.#end) throw new BadBinXml("cut off");
    return this.#chunk[this.#at] as number;
  }

  #byte(): number {
    const byte = this.#peek();
    this.#at++;
    return byte;
  }

  #short(): number {
    const from = this.#at;
    this.#skip(2);
    return this.#view.getUint16(from, true);
  }

  #word(): number {
    const from = this.#at;
    this.#skip(4);
    return this.#view.getUint32(from, true);
  }
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
