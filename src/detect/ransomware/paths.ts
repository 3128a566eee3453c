/** Folder, name and extension of a path of Windows or Unix; lower case. */
export interface PathParts {
  readonly folder: string;
  readonly name: string;
  /** Without the dot; "" when there is none. */
  readonly extension: string;
  /** Of "plan.docx.locked": "docx". */
  readonly inner: string;
}

export const partsOf = (path: string): PathParts => {
  const lower = path.toLowerCase();
  const slash = Math.max(lower.lastIndexOf("\\"), lower.lastIndexOf("/"));
  const name = lower.slice(slash + 1);
  const dot = name.lastIndexOf(".");
  const before = dot > 0 ? name.slice(0, dot) : name;
  const innerDot = before.lastIndexOf(".");
  return {
    folder: slash < 0 ? "" : lower.slice(0, slash),
    name,
    extension: dot > 0 ? name.slice(dot + 1) : "",
    inner: innerDot > 0 ? before.slice(innerDot + 1) : "",
  };
};

/** What people's work is kept in; a program that gives many of these a new common ending is not at work. */
export const workExtensions: ReadonlySet<string> = new Set(
  (
    "doc docx xls xlsx xlsm ppt pptx pdf txt rtf odt ods odp csv jpg jpeg png gif bmp tif tiff psd ai svg mp3 mp4 mov avi wav " +
    "zip rar 7z tar gz bak sql mdb accdb db sqlite pst ost msg eml vsd vsdx dwg dxf html htm php js ts py java c cpp cs xml json " +
    "yml yaml key pem pfx one pub vmdk vhd vhdx qcow2 ldf mdf"
  ).split(" "),
);

/** Endings that programs of peace give to many files at once. */
export const peacefulExtensions: ReadonlySet<string> = new Set(
  "tmp bak old gz zip 7z xz zst part crdownload partial download swp lock log cache new orig".split(" "),
);
