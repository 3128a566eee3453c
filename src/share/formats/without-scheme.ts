/** "https://bad.example/x" and "//bad.example/x" → "bad.example/x"; a fragment never reaches the wire and is left out. */
export const withoutScheme = (url: string): string => {
  const bare = url.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\//i, "").replace(/#.*$/s, "");
  return bare.includes("/") ? bare : `${bare}/`;
};
