import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { defineConfig, type MarkdownOptions } from "vitepress";

const root = join(import.meta.dirname, "../..");
const { repository, description, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  repository: { url: string };
  description: string;
  version: string;
};
const source = repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

/** Pages in reading order. Each must be listed: test/release/site.test.ts says which is not. */
const sidebar = [
  {
    text: "Start",
    items: [
      page("Overview", "index"),
      page("Why declare rooms", "why"),
      page("I have Pulumi", "start-with-pulumi"),
      page("I have a LiveKit server", "start-with-livekit"),
      page("I have nothing", "start-with-nothing"),
      page("Only tokens and REST", "start-with-rest"),
    ],
  },
  {
    text: "Use",
    items: [
      page("Recipes", "recipes"),
      page("Manifests", "manifest"),
      page("Environments from git", "gitops"),
      page("Gateway", "gateway"),
    ],
  },
  {
    text: "Operate",
    items: [
      page("Operating", "operating"),
      page("Teardown", "teardown"),
      page("Reliability", "reliability"),
      page("Scale", "scale"),
      page("Threat model", "threat-model"),
    ],
  },
  {
    text: "Look up",
    items: [
      page("Reference", "reference"),
      page("Command line", "cli"),
      page("Supported versions", "versions"),
      page("Dependencies", "dependencies"),
      page("Comparison", "comparison"),
      page("Architecture", "architecture"),
    ],
  },
];

function page(text: string, name: string): { text: string; link: string } {
  return { text, link: name === "index" ? "/" : `/${name}` };
}

/** As GitHub makes the anchors of headings, so that a link works in both places. */
function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

const markdown: MarkdownOptions = {
  anchor: { slugify },
  theme: { light: "github-light", dark: "github-dark" },
  config(md) {
    // What lies outside of docs/ is read in the repository.
    md.core.ruler.push("outside", ({ tokens }) => {
      for (const token of tokens.flatMap(({ children }) => children ?? [])) {
        const href = token.attrGet("href");
        if (token.type !== "link_open" || !href?.startsWith("../")) continue;
        token.attrSet("href", `${source}/blob/main/${posix.normalize(href.slice("../".length))}`);
      }
    });
    const { fence } = md.renderer.rules;
    md.renderer.rules.fence = (tokens, index, options, env, self) => {
      const { info = "", content = "" } = tokens[index] ?? {};
      if (info.trim() === "mermaid") return `<Diagram source="${encodeURIComponent(content)}" />\n`;
      return fence?.(tokens, index, options, env, self) ?? "";
    };
  },
};

export default defineConfig({
  srcDir: "../docs",
  title: "pulumi-rtc",
  description,
  lang: "en",
  cleanUrls: true,
  markdown,
  // The pages lie outside of this folder, and import what is installed here.
  vite: { root: join(root, "site"), resolve: { dedupe: ["vue"] } },
  themeConfig: {
    search: { provider: "local" },
    sidebar,
    nav: [
      { text: "Reference", link: "/reference" },
      { text: `Version ${version}`, link: `${source}/blob/main/CHANGELOG.md` },
    ],
    socialLinks: [{ icon: "github", link: source }],
    outline: [2, 3],
  },
});
