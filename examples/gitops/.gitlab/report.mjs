// Puts a report of `rtc` where reviewers read it, once, and edits it there afterwards. Its first line, which is hidden,
// identifies the report, so that it is found again. REPORT_TOKEN is a project access token with the scope `api`.
//
//   node .gitlab/report.mjs note preview.md   a note on the merge request
//   node .gitlab/report.mjs issue drift.md    an issue, which is closed when the check has passed
import { existsSync, readFileSync } from "node:fs";

const { CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, CI_JOB_STATUS, CI_JOB_URL } = process.env;
const { REPORT_TOKEN, OF } = process.env;
const [kind, file] = process.argv.slice(2);
if (kind !== "note" && kind !== "issue") throw new Error("usage: node report.mjs note|issue <file>");
const text = (existsSync(file) && readFileSync(file, "utf8")) || (kind === "note" ? failed() : "");
const [marker, title = ""] = text.split("\n");

if (text === "")
  console.log(`There is no ${file}: the script before has failed, and its log has the reason.`);
else if (kind === "note") await note();
else await issue();

// A preview that failed before it wrote anything takes the place of the one before, which is no longer true.
function failed() {
  const project = /^name: *(\S+)/m.exec(readFileSync("Pulumi.yaml", "utf8"))[1];
  return `<!-- pulumi-rtc preview ${project}/${OF} -->\n### Preview of \`${project}/${OF}\` failed\n\n[The log](${CI_JOB_URL}) says why. What an earlier preview showed here may no longer be true.\n`;
}

async function note() {
  const notes = `merge_requests/${CI_MERGE_REQUEST_IID}/notes`;
  const known = await find(`${notes}?sort=asc&`, "body");
  if (known) await gitlab("PUT", `${notes}/${known.id}`, { body: text });
  else await gitlab("POST", notes, { body: text });
}

async function issue() {
  const known = await find("issues?state=opened&scope=created_by_me&", "description");
  const isClean = CI_JOB_STATUS === "success";
  if (known) {
    const change = { description: text, ...(isClean && { state_event: "close" }) };
    await gitlab("PUT", `issues/${known.iid}`, change);
  } else if (!isClean) {
    await gitlab("POST", "issues", { description: text, title: title.replaceAll(/[#`]/g, "").trim() });
  }
}

// A person may write a text that begins with the marker: only what this token's own user wrote is edited.
async function find(list, field) {
  const own = await call("GET", `${CI_API_V4_URL}/user`);
  for (let page = 1; ; page++) {
    const some = await gitlab("GET", `${list}per_page=100&page=${page}`);
    const known = some.find(
      (one) => one.author?.id === own.id && one[field]?.split(/\r?\n/, 1)[0] === marker,
    );
    if (known || some.length < 100) return known;
  }
}

function gitlab(method, path, data) {
  return call(method, `${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/${path}`, data);
}

async function call(method, url, data) {
  const response = await fetch(url, {
    method,
    headers: { "private-token": REPORT_TOKEN ?? "", "content-type": "application/json" },
    ...(data && { body: JSON.stringify(data) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
