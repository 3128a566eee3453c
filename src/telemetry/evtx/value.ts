// [MS-EVEN6] §2.2.12 and §3.1.4.7.5: value types of binary XML, and how Windows writes each as text. 0x80 makes a list.
//   0x00 null      0x05 int16     0x0a uint64   0x0f GUID       0x14 hex32
//   0x01 UTF-16    0x06 uint16    0x0b float    0x10 size       0x15 hex64
//   0x02 ANSI      0x07 int32     0x0c double   0x11 FILETIME   0x21 binary XML
//   0x03 int8      0x08 uint32    0x0d bool     0x12 SYSTEMTIME
//   0x04 uint8     0x09 int64     0x0e binary   0x13 SID

export const nullType = 0x00;
export const binXmlType = 0x21;
export const arrayFlag = 0x80;

/** Bytes of one value of a type with a fixed width. */
const widths: Readonly<Record<number, number>> = {
  0x03: 1,
  0x04: 1,
  0x05: 2,
  0x06: 2,
  0x07: 4,
  0x08: 4,
  0x09: 8,
  0x0a: 8,
  0x0b: 4,
  0x0c: 8,
  0x0d: 4,
  0x0f: 16,
  0x11: 8,
  0x12: 16,
  0x14: 4,
  0x15: 8,
};

const utf16 = new TextDecoder("utf-16le");
/** Windows does not say which code page it was; 1252 is what its western machines have. */
const ansi = new TextDecoder("windows-1252");

export const utf16Text = (bytes: Uint8Array): string => utf16.decode(bytes);

/**
 * A value as Windows prints it; a list for array types. A value that is shorter than its type is as many zero bytes short.
 *
 * @returns undefined for null, and for a type nobody knows
 */
export const valueText = (type: number, bytes: Uint8Array): string | readonly string[] | undefined => {
  if ((type & arrayFlag) === 0) return scalar(type, bytes);
  const of = type & ~arrayFlag;
  if (of === 0x01) return split(utf16Text(bytes));
  if (of === 0x02) return split(ansi.decode(bytes));
  const width = of === 0x13 ? 0 : of === 0x10 ? (bytes.length % 8 === 0 ? 8 : 4) : widths[of];
  const texts: string[] = [];
  if (width === 0) {
    for (let at = 0; at + 8 <= bytes.length; ) {
      const length = 8 + (bytes[at + 1] as number) * 4;
      texts.push(sid(bytes.subarray(at, at + length)));
      at += length;
    }
    return texts;
  }
  if (width === undefined) return undefined;
  for (let at = 0; at + width <= bytes.length; at += width) {
    const text = scalar(of, bytes.subarray(at, at + width));
    if (text !== undefined) texts.push(text);
  }
  return texts;
};

/** Strings of a list end with a zero; the one behind the last is none. */
const split = (text: string): readonly string[] => {
  const texts = text.split("\0");
  if (texts.at(-1) === "") texts.pop();
  return texts;
};

const scalar = (type: number, given: Uint8Array): string | undefined => {
  const width = widths[type];
  const bytes = width !== undefined && given.length < width ? padded(given, width) : given;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 0x01:
      return utf16Text(bytes).replace(/\0+$/, "");
    case 0x02:
      return ansi.decode(bytes).replace(/\0+$/, "");
    case 0x03:
      return String(view.getInt8(0));
    case 0x04:
      return String(view.getUint8(0));
    case 0x05:
      return String(view.getInt16(0, true));
    case 0x06:
      return String(view.getUint16(0, true));
    case 0x07:
      return String(view.getInt32(0, true));
    case 0x08:
      return String(view.getUint32(0, true));
    case 0x09:
      return String(view.getBigInt64(0, true));
    case 0x0a:
      return String(view.getBigUint64(0, true));
    case 0x0b:
      return String(view.getFloat32(0, true));
    case 0x0c:
      return String(view.getFloat64(0, true));
    case 0x0d:
      return view.getUint32(0, true) === 0 ? "false" : "true";
    case 0x0e:
      return hex(bytes);
    case 0x0f:
      return guid(bytes);
    case 0x10:
      return `0x${(bytes.length >= 8 ? view.getBigUint64(0, true) : unsigned(bytes)).toString(16)}`;
    case 0x11:
      return fileTime(view.getBigUint64(0, true));
    case 0x12:
      return systemTime(view);
    case 0x13:
      return sid(bytes);
    case 0x14:
      return `0x${view.getUint32(0, true).toString(16)}`;
    case 0x15:
      return `0x${view.getBigUint64(0, true).toString(16)}`;
    default:
      return undefined;
  }
};

const padded = (bytes: Uint8Array, width: number): Uint8Array => {
  const whole = new Uint8Array(width);
  whole.set(bytes);
  return whole;
};

const unsigned = (bytes: Uint8Array): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();

/** "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"; the first three parts are little-endian. */
export const guid = (b: Uint8Array): string => {
  const part = (...at: readonly number[]): string => hex(Uint8Array.from(at, (i) => b[i] ?? 0));
  return `{${part(3, 2, 1, 0)}-${part(5, 4)}-${part(7, 6)}-${part(8, 9)}-${part(10, 11, 12, 13, 14, 15)}}`;
};

/** Ticks of 100 ns between 1601 and 1970. */
const epochTicks = 116_444_736_000_000_000n;
const ticksAMillisecond = 10_000n;
/** 9999-12-31: what is later cannot be printed. */
const lastTicks = 2_650_467_744_000_000_000n;

/** "2026-11-19T08:00:00.1234567Z"; outside 1601 to 9999 nothing sensible can be said, and it is "". */
export const fileTime = (ticks: bigint): string => {
  if (ticks >= lastTicks) return "";
  const since = ticks - epochTicks;
  const below = ((since % ticksAMillisecond) + ticksAMillisecond) % ticksAMillisecond;
  const iso = new Date(Number((since - below) / ticksAMillisecond)).toISOString();
  return `${iso.slice(0, -1)}${String(below).padStart(4, "0")}Z`;
};

const systemTime = (view: DataView): string => {
  const part = (index: number): number => view.getUint16(index * 2, true);
  const two = (index: number): string => String(part(index)).padStart(2, "0");
  const date = `${String(part(0)).padStart(4, "0")}-${two(1)}-${two(3)}`;
  return `${date}T${two(4)}:${two(5)}:${two(6)}.${String(part(7)).padStart(3, "0")}Z`;
};

/** [MS-DTYP] §2.4.2.2: revision, number of parts, authority (48 bits, big-endian), parts (32 bits, little-endian). */
const sid = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return hex(bytes);
  const authority = view.getUint16(2) * 0x1_0000_0000 + view.getUint32(4);
  const parts = [`S-${bytes[0] ?? 0}-${authority}`];
  for (let i = 0; i < (bytes[1] as number) && 12 + i * 4 <= bytes.length; i++)
    parts.push(String(view.getUint32(8 + i * 4, true)));
  return parts.join("-");
};
