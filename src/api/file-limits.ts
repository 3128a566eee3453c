/** Bytes of a file brought in by hand; as base64 a third more. In a file of its own: the portal needs the figures and not the schemas. */
export const intakeFileAtMost: number = 16 * 1024 * 1024;

/** Bytes of a warning list; as base64 a third more. */
export const exclusionFileAtMost: number = 64 * 1024 * 1024;

/** Bytes of an inventory as it comes, packed or not; as base64 a third more. */
export const inventoryUploadAtMost: number = 64 * 1024 * 1024;
