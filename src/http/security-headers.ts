/** On every answer, whatever it is: page, API, error, 304. */
export const securityHeaders = (policy: Policy): Readonly<Record<string, string>> => ({
  "content-security-policy": contentPolicy(policy),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "origin-agent-cluster": "?1",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
  "permissions-policy": noPowers,
  ...(policy.secure ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
});

export interface Policy {
  /** Readers come over TLS. */
  readonly secure: boolean;
  /** What the portal's build needs: hashes of style elements ("sha256-…"), names of Trusted Types policies. */
  readonly styles: readonly string[];
  readonly trustedTypes: readonly string[];
}

/** CSP Level 3. Nothing inline, nothing from elsewhere, nothing framed, no markup from strings. */
const contentPolicy = ({ styles, trustedTypes }: Policy): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styles.map((hash) => `'${hash}'`)].join(" "),
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${trustedTypes.length === 0 ? "'none'" : trustedTypes.join(" ")}`,
  ].join("; ");

/** A portal of tables needs none of a device's senses; the clipboard it may write, so that values can be copied. */
const noPowers = [
  "accelerometer",
  "autoplay",
  "camera",
  "clipboard-read",
  "display-capture",
  "encrypted-media",
  "geolocation",
  "gyroscope",
  "hid",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "usb",
  "xr-spatial-tracking",
]
  .map((power) => `${power}=()`)
  .join(", ");
