import { type MispLine, textOf } from "#share/misp-out.ts";

/** OpenIOC's term of a MISP type: document, search, content type. @see OpenIOC 1.1, indicator terms */
const terms: Readonly<Record<string, readonly [document: string, search: string, type: string]>> = {
  md5: ["FileItem", "FileItem/Md5sum", "md5"],
  sha1: ["FileItem", "FileItem/Sha1sum", "sha1"],
  sha256: ["FileItem", "FileItem/Sha256sum", "sha256"],
  filename: ["FileItem", "FileItem/FileName", "string"],
  regkey: ["RegistryItem", "RegistryItem/KeyPath", "string"],
  mutex: ["ProcessItem", "ProcessItem/HandleList/Handle/Name", "string"],
  domain: ["Network", "Network/DNS", "string"],
  hostname: ["Network", "Network/DNS", "string"],
  url: ["UrlHistoryItem", "UrlHistoryItem/URL", "string"],
  uri: ["UrlHistoryItem", "UrlHistoryItem/URL", "string"],
  "user-agent": ["Network", "Network/UserAgent", "string"],
  "ip-src": ["PortItem", "PortItem/localIP", "IP"],
  "ip-dst": ["PortItem", "PortItem/remoteIP", "IP"],
  "email-src": ["Email", "Email/From", "string"],
  "email-dst": ["Email", "Email/To", "string"],
  "email-subject": ["Email", "Email/Subject", "string"],
};

/** An OpenIOC 1.1 document: what OpenIOC has a term for, one alternative each. @returns the document and how many it cannot say */
export const mispOpenIoc = (lines: readonly MispLine[], id: string, at: string): string => {
  const items = lines.flatMap(({ attribute }) => {
    const part = attribute.value.part;
    const type = textOf(part, "type");
    const [name, ...halves] = type.split("|");
    const value = textOf(part, "value");
    const pieces =
      halves.length === 0
        ? [[type, value] as const]
        : [
            [name ?? "", value.slice(0, value.lastIndexOf("|"))] as const,
            [halves[0] ?? "", value.slice(value.lastIndexOf("|") + 1)] as const,
          ];
    return pieces.flatMap(([kind, text], index) => {
      const term = Object.hasOwn(terms, kind) ? terms[kind] : undefined;
      if (term === undefined) return [];
      const [document, search, content] = term;
      return [
        `      <IndicatorItem id="${xml(textOf(part, "uuid"))}${index === 0 ? "" : `-${index}`}" condition="is">
        <Context document="${document}" search="${search}" type="mir"/>
        <Content type="${content}">${xml(text)}</Content>
      </IndicatorItem>`,
      ];
    });
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="${xml(id)}" last-modified="${xml(at)}">
  <short_description>MISP attributes</short_description>
  <authored_date>${xml(at)}</authored_date>
  <definition>
    <Indicator operator="OR" id="${xml(id)}">
${items.join("\n")}
    </Indicator>
  </definition>
</ioc>
`;
};

/** Characters that XML 1.0 cannot hold are left out (§2.2). */
const xml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
