import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const source = fileURLToPath(new URL("../src/", import.meta.url));

/**
 * The portal, built to web/dist: hashed assets and an index.html without anything inline, so that it runs under the
 * policy of web/csp.json. The three languages that react-aria itself speaks to screen readers are ours: zh-TW stands
 * for zh-Hant-HK, since it has no closer one.
 */
export default defineConfig({
  root: fileURLToPath(new URL("./", import.meta.url)),
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US", "zh-TW", "zh-CN"] }), enforce: "pre" }],
  resolve: {
    alias: [
      { find: /^@web\//, replacement: fileURLToPath(new URL("./src/", import.meta.url)) },
      { find: /^@api\//, replacement: `${source}api/` },
      { find: /^@words\//, replacement: `${source}words/` },
      { find: /^#(.+\.ts)$/, replacement: `${source}$1` },
    ],
  },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": process.env["WAGLAN_BASE_URL"] ?? "http://127.0.0.1:8420" } },
});
