/** What a body may cost us; beyond it the body is bad. `hostile/EXPECTED.json` policy-1 has the same figures. */
export const limits = {
  /** Bytes as they come over the network. */
  downloadBytes: 67_108_864,
  /** Bytes after unpacking. The largest public list we know unpacks to 45 MB. */
  unpackedBytes: 268_435_456,
  /** Unpacked to packed; DEFLATE cannot exceed 1,032, text lists stay under 500. */
  ratio: 1000,
  /** Bytes of one row; the longest honest row seen is 20 kB. */
  rowBytes: 1_048_576,
  /** Levels of JSON; STIX and MISP need 12. */
  jsonDepth: 128,
  /** Entries of a zip that carries reports; a mail has one or two. */
  zipEntries: 64,
  /** Entries of a feed's archive; maltrail has 3,100 files. */
  tarEntries: 100_000,
} as const;
