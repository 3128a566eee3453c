/** Everything the product lets somebody do, by name. A route, job or page asks for one of these and for nothing else. */
export const permissions = [
  "findings.read",
  "findings.decide",
  "findings.answer",
  "incidents.read",
  "incidents.decide",
  "alerts.read",
  "alerts.send",
  "indicators.read",
  "objects.write",
  "sources.read",
  "sources.decide",
  "sources.write",
  "community.read",
  "community.write",
  "own.read",
  "own.write",
  "evidence.read",
  "lists.read",
  "telemetry.write",
  "releases.read",
  "users.write",
  "system.read",
  "system.write",
] as const;
export type Permission = (typeof permissions)[number];

interface RoleKind {
  /** staff: works for the CERT itself. organisation: acts for a member or partner, within what that one may see. */
  readonly of: "staff" | "organisation";
  readonly may: readonly Permission[];
}

/**
 * Who may do what. A role says *what one may do*; *to which rows* is said by `scopeOf`, and both must agree.
 * An administrator runs the system and reads no findings: who may do both holds two roles, and the evidence shows it.
 */
export const roles = {
  // staff
  administrator: {
    of: "staff",
    may: ["community.read", "community.write", "sources.read", "users.write", "system.read", "system.write"],
  },
  analyst: {
    of: "staff",
    may: [
      "findings.read",
      "findings.decide",
      "incidents.read",
      "incidents.decide",
      "alerts.read",
      "alerts.send",
      "indicators.read",
      "objects.write",
      "sources.read",
      "sources.decide",
      "sources.write",
      "community.read",
      "community.write",
      "evidence.read",
      "lists.read",
      "releases.read",
      "system.read",
    ],
  },
  auditor: {
    of: "staff",
    may: ["community.read", "sources.read", "alerts.read", "evidence.read", "releases.read", "system.read"],
  },
  // people of members
  "security-contact": {
    of: "organisation",
    may: [
      "findings.read",
      "findings.answer",
      "incidents.read",
      "alerts.read",
      "indicators.read",
      "objects.write",
      "own.read",
      "own.write",
      "evidence.read",
      "lists.read",
    ],
  },
  "duty-officer": {
    of: "organisation",
    may: [
      "findings.read",
      "findings.answer",
      "incidents.read",
      "alerts.read",
      "indicators.read",
      "own.read",
      "evidence.read",
    ],
  },
  manager: {
    of: "organisation",
    may: ["findings.read", "incidents.read", "alerts.read", "own.read", "own.write"],
  },
  executive: { of: "organisation", may: ["findings.read", "incidents.read"] },
  engineer: { of: "organisation", may: ["findings.read", "findings.answer", "own.read", "evidence.read"] },
  viewer: { of: "organisation", may: ["findings.read", "alerts.read", "own.read"] },
  // people of partners
  partner: { of: "organisation", may: ["indicators.read", "objects.write", "lists.read"] },
} as const;
void (roles satisfies Record<string, RoleKind>);
export type Role = keyof typeof roles;

export const isStaffRole = (role: Role): boolean => roles[role].of === "staff";

export const grants = (role: Role, permission: Permission): boolean =>
  (roles[role].may as readonly Permission[]).includes(permission);

/** Does this role of an organisation give it? Staff roles give nothing inside an organisation's seat, wherever they were typed. */
export const seatGrants = (role: Role, permission: Permission): boolean =>
  !isStaffRole(role) && grants(role, permission);
