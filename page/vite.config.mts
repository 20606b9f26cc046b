import { join } from "node:path";
import { defineConfig } from "vite";

/** Bundles the gateway's page into what the package ships: a script, a style sheet and the licences of what is in them. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  logLevel: "warn",
  plugins: [
    {
      name: "no-node",
      enforce: "pre",
      resolveId(name, importer) {
        // Else it would be replaced by an empty module, and the page would fail in the browser.
        if (name.startsWith("node:")) this.error(`${importer} imports ${name}, which no browser has`);
      },
    },
  ],
  build: {
    outDir: join(import.meta.dirname, "../dist/gateway/page"),
    emptyOutDir: true,
    target: "es2022",
    license: { fileName: "LICENSES.md" },
    chunkSizeWarningLimit: 1_500,
    rolldownOptions: {
      input: join(import.meta.dirname, "main.tsx"),
      // How long a part took says nothing of the page.
      checks: { bundlerTimings: false },
      output: { entryFileNames: "page.js", assetFileNames: "page[extname]", codeSplitting: false },
    },
  },
});
