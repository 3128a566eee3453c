import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The system user PostgreSQL runs as; absent ids: the user we are. PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** Debian's and everybody's "nobody", should /etc/passwd not say; a uid without a passwd entry makes initdb fail. */
const nobody = { uid: 65534, gid: 65534 } as const;

/**
 * Root hands the server to whoever owns the existing cluster, and a new one to `nobody`; everybody else keeps it.
 *
 * @param cluster the folder of the cluster, which may not exist yet
 */
export const accountFor = (cluster: string): Account => {
  if (process.getuid?.() !== 0) return {};
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return listedNobody() ?? nobody;
};

const listedNobody = (): { readonly uid: number; readonly gid: number } | undefined => {
  try {
    const fields = /^nobody:.*$/m.exec(readFileSync("/etc/passwd", "utf8"))?.[0].split(":") ?? [];
    const [uid, gid] = [Number(fields[2]), Number(fields[3])];
    return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Whether `account` can walk to `folder` and into it. Judged by mode bits from the root down; an ACL that grants more
 * is not seen, which costs a copy and never a failed start.
 */
export const reaches = (account: Account, folder: string): boolean => {
  if (account.uid === undefined) return true;
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
};
