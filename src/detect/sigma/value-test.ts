import { type CidrRange, cidrRange } from "#core/cidr.ts";
import { ipv4Number, ipv6Bigint } from "#core/ip.ts";
import type { CidrMatch, CompareMatch, FieldMatch } from "./detection.ts";
import { timePart } from "./time-part.ts";

/** Whether one text of a record is inside a network; an IPv4 address written as IPv6 counts as itself. */
export const cidrTest = (match: CidrMatch): ((text: string) => boolean) => {
  const range = cidrRange(match.network);
  if (!range.ok) return () => false;
  const network: CidrRange = range.value;
  return (text) => {
    const v4 = ipv4Number(text);
    if (v4 >= 0) return network.family === 4 && v4 >= network.first && v4 <= network.last;
    if (!text.includes(":")) return false;
    const v6 = ipv6Bigint(text);
    if (v6 === undefined) return false;
    if (v6 >> 32n === 0xffffn) {
      const mapped = Number(v6 & 0xffffffffn);
      return network.family === 4 && mapped >= network.first && mapped <= network.last;
    }
    return network.family === 6 && v6 >= network.first && v6 <= network.last;
  };
};

/** Whether one text of a record is a number (or a time with such a part) on the asked side of a number. */
export const compareTest = (match: CompareMatch): ((text: string) => boolean) => {
  const { op, value, part } = match;
  return (text) => {
    const number = part === undefined ? numberOf(text) : timePart(text, part);
    if (number === undefined) return false;
    switch (op) {
      case "lt":
        return number < value;
      case "lte":
        return number <= value;
      case "gt":
        return number > value;
      case "gte":
        return number >= value;
      case "eq":
        return number === value;
    }
  };
};

const decimal = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;

const numberOf = (text: string): number | undefined => (decimal.test(text) ? Number(text) : undefined);

/** Whether a text stands to another field's text as asked. */
export const fieldTest = (match: FieldMatch, text: string, other: string): boolean => {
  const here = match.cased ? text : text.toLowerCase();
  const there = match.cased ? other : other.toLowerCase();
  switch (match.how) {
    case "equals":
      return here === there;
    case "contains":
      return here.includes(there);
    case "startswith":
      return here.startsWith(there);
    case "endswith":
      return here.endsWith(there);
  }
};
