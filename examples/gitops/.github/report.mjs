// Puts a report of `rtc` where reviewers read it, once, and edits it there afterwards. Its first line, which is hidden,
// identifies the report, so that it is found again.
//
//   node .github/report.mjs comment preview.md   a comment on the pull request
//   node .github/report.mjs issue drift.md       an issue, which is closed when the check has passed
import { existsSync, readFileSync } from "node:fs";

const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST, OUTCOME, STACK, RUN_URL } =
  process.env;
const [kind, file] = process.argv.slice(2);
const body = (existsSync(file) && readFileSync(file, "utf8")) || failed();
const [marker, title = ""] = body.split("\n");

if (body === "") console.log(`There is no ${file}: the step before has failed, and its log has the reason.`);
else if (kind === "comment") await comment();
else if (kind === "issue") await issue();
else throw new Error("usage: node report.mjs comment|issue <file>");

// A preview that failed before it wrote anything takes the place of the one before, which is no longer true.
function failed() {
  if (kind !== "comment") return "";
  const project = /^name: *(\S+)/m.exec(readFileSync("Pulumi.yaml", "utf8"))[1];
  return `<!-- pulumi-rtc preview ${project}/${STACK} -->\n### Preview of \`${project}/${STACK}\` failed\n\n[The log](${RUN_URL}) says why. What an earlier preview showed here may no longer be true.\n`;
}

async function comment() {
  const known = await find(`issues/${PULL_REQUEST}/comments?`);
  if (known) await github("PATCH", `issues/comments/${known.id}`, { body });
  else await github("POST", `issues/${PULL_REQUEST}/comments`, { body });
}

async function issue() {
  const known = await find("issues?state=open&creator=github-actions%5Bbot%5D&");
  const state = OUTCOME === "success" ? "closed" : "open";
  if (known) await github("PATCH", `issues/${known.number}`, { body, state });
  else if (state === "open")
    await github("POST", "issues", { body, title: title.replaceAll(/[#`]/g, "").trim() });
}

// A person may write a text that begins with the marker: only what a workflow wrote is edited.
async function find(list) {
  for (let page = 1; ; page++) {
    const some = await github("GET", `${list}per_page=100&page=${page}`);
    const known = some.find((one) => one.user?.type === "Bot" && one.body?.split(/\r?\n/, 1)[0] === marker);
    if (known || some.length < 100) return known;
  }
}

async function github(method, path, data) {
  const response = await fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${path}`, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${GITHUB_TOKEN}`,
      "x-github-api-version": "2022-11-28",
    },
    ...(data && { body: JSON.stringify(data) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
