/** How bad, least first. The order is the order of the array. */
export const severities = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

export const rank = (severity: Severity): number => severities.indexOf(severity);
export const worse = (a: Severity, b: Severity): Severity => (rank(a) >= rank(b) ? a : b);
