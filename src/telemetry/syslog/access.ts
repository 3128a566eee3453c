import type { Session } from "#telemetry/format.ts";

/** Somebody entered, and from where the message says. */
export interface Access {
  readonly session: Session;
  readonly address?: string;
  readonly port?: number;
}

const made = (
  service: string,
  outcome: "success" | "failure",
  account: string | undefined,
  address: string | undefined,
  port?: string,
): Access => ({
  session: { service, outcome, ...(account === undefined || account === "" ? {} : { account }) },
  ...(address === undefined || address === "" ? {} : { address }),
  ...(port === undefined ? {} : { port: Number(port) }),
});

/**
 * Log-ons as OpenSSH, PAM, su, sudo and FTP servers write them; one message of each attempt is taken, so that none counts
 * twice. `sshd` of PAM says again what sshd says itself.
 * @see openssh-portable auth.c `auth_log`; Linux-PAM pam_unix `auth`
 */
export const accessIn = (app: string, text: string): Access | undefined => {
  if (/^sshd(?:-session|-auth)?$/.test(app)) {
    const tried = /^(Accepted|Failed) \S+ for (?:invalid user |illegal user )?(.*?) from (\S+) port (\d{1,5})\b/.exec(
      text,
    );
    if (tried) return made("ssh", tried[1] === "Accepted" ? "success" : "failure", tried[2], tried[3], tried[4]);
    return undefined;
  }
  const pam = /^pam_unix\(([\w-]+)(?::auth)?\): authentication failure;.* rhost=(\S*)(?:\s+user=(\S+))?/.exec(text);
  if (pam) return pam[1] === "sshd" ? undefined : made(pam[1] ?? app, "failure", pam[3], pam[2]);
  if (app === "su") {
    const su = /^(FAILED SU|\+|-)?\s*\(?to (\S+?)\)? (\S+) on /.exec(text);
    if (su) return made("su", su[1] === "FAILED SU" || su[1] === "-" ? "failure" : "success", su[2], undefined);
  }
  const ftp = /\[(\S+)\] (OK|FAIL) LOGIN: Client "([^"]+)"/.exec(text);
  if (ftp) return made("ftp", ftp[2] === "OK" ? "success" : "failure", ftp[1], ftp[3]);
  const dovecot =
    /^(imap|pop3|submission)-login: (Login|(?:Disconnected|Aborted login).*auth failed).*?user=<([^>]*)>.*?rip=([0-9a-fA-F.:]+)/.exec(
      text,
    );
  if (dovecot) return made(dovecot[1] ?? app, dovecot[2] === "Login" ? "success" : "failure", dovecot[3], dovecot[4]);
  return undefined;
};
