import type { Session } from "./format.ts";
import { type Fields, textAt } from "./windows-field.ts";

/** What is entered, by log-on type; services (5), scheduled tasks (4) and unlocking a screen (7) are nobody's entry. */
const logonTypes: Readonly<Record<string, string>> = {
  "2": "console",
  "3": "smb",
  "8": "http",
  "10": "rdp",
  "11": "console",
};

/** Who entered, of the events that tell of it. */
export const sessionOf = (fields: Fields, channel: string, id: number): Session | undefined => {
  const lower = channel.toLowerCase();
  if (lower === "security") {
    if (id === 4624 || id === 4625) {
      const type = textAt(fields, "LogonType");
      const service = type === undefined ? undefined : logonTypes[type];
      if (type !== undefined && service === undefined) return undefined;
      return session(
        fields,
        id === 4624 ? "success" : "failure",
        service ?? "windows",
        "TargetUserName",
        "TargetDomainName",
      );
    }
    // Kerberos tickets at the domain controller (4768 by status, 4771 refused) and NTLM (4776)
    if (id === 4768) return session(fields, outcome(fields), "kerberos", "TargetUserName", "TargetDomainName");
    if (id === 4771) return session(fields, "failure", "kerberos", "TargetUserName", "");
    if (id === 4776) return session(fields, outcome(fields), "ntlm", "TargetUserName", "");
    return undefined;
  }
  if (id === 21 && lower.startsWith("microsoft-windows-terminalservices-localsessionmanager"))
    return session(fields, "success", "rdp", "User", "");
  return undefined;
};

const outcome = (fields: Fields): "success" | "failure" | undefined => {
  const status = textAt(fields, "Status");
  return status === undefined ? undefined : /^0x0+$|^0$/i.test(status) ? "success" : "failure";
};

const session = (
  fields: Fields,
  result: "success" | "failure" | undefined,
  service: string,
  user: string,
  domain: string,
): Session => {
  const name = textAt(fields, user);
  const realm = domain === "" ? undefined : textAt(fields, domain);
  const account = name === undefined ? undefined : realm === undefined ? name : `${realm}\\${name}`;
  return {
    service,
    ...(account === undefined ? {} : { account }),
    ...(result === undefined ? {} : { outcome: result }),
  };
};
