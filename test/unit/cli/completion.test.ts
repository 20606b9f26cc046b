import { Argument, Command, Option } from "commander";
import { describe, expect, test } from "vitest";
import { suggest } from "../../../src/cli/completion/suggest.ts";

const program = new Command("rtc");
program
  .command("up")
  .option("-s, --stack <stack>", "the stack")
  .option("-f, --file <file>")
  .option("--yes", "do not ask");
program
  .command("preview")
  .alias("plan")
  .addOption(new Option("--format <format>").choices(["text", "markdown"]))
  .option("-s, --stack <stack>");
program.command("watch").option("--every [time]").option("--only <stack...>").argument("[room]");
const rooms = program.command("rooms").summary("the rooms");
rooms.command("get <room>").option("-s, --stack <stack>");
rooms.command("list");
program.command("token <room> <identity>").option("--stack <stack>").option("--file <file>");
program.command("completion").addArgument(new Argument("<shell>").choices(["bash", "zsh"]));
program.command("complete", { hidden: true });

const asked: [string, object][] = [];
async function names(what: string, options: object): Promise<string[]> {
  asked.push([what, { ...options }]);
  return { stack: ["dev", "production"], only: ["dev"], room: ["hall", "lab 1"] }[what] ?? [];
}
const values = async (...words: string[]) => (await suggest(program, words, names)).map(({ value }) => value);

describe("The word under the cursor is completed to", () => {
  test.each([
    ["a command", ["r"], ["rooms"]],
    ["a command, but none that is hidden", ["comp"], ["completion"]],
    ["a command in a command", ["rooms", ""], ["get", "list", "help"]],
    ["an option", ["up", "--s"], ["--stack"]],
    ["an option after an alias", ["plan", "--f"], ["--format"]],
    ["a choice", ["preview", "--format", ""], ["text", "markdown"]],
    ["a choice of an argument", ["completion", "z"], ["zsh"]],
    ["a stack", ["up", "--stack", ""], ["dev", "production"]],
    ["a stack behind the short option", ["up", "--yes", "-s", "p"], ["production"]],
    ["a stack in one word", ["up", "--stack=p"], ["--stack=production"]],
    ["a stack in the words of bash", ["up", "--stack", "=", "p"], ["production"]],
    ["a stack behind the sign alone", ["up", "--stack", "="], ["dev", "production"]],
    ["a room", ["token", "h"], ["hall"]],
    ["a room in a command's command", ["rooms", "get", ""], ["hall", "lab 1"]],
    ["a room behind options and their values", ["token", "--stack", "dev", "l"], ["lab 1"]],
    ["another value of an option of several", ["watch", "--only", "dev", ""], ["dev"]],
    ["nothing where nothing is known", ["token", "hall", ""], []],
    ["nothing behind a command that there is not", ["nonsense", "--"], ["--help"]],
  ])("%s", async (_name, words, expected) => {
    const found = await values(...words);
    expect(words.at(-1) === "--" ? found : found.filter((one) => one !== "--help")).toEqual(expected);
  });

  test("names by the stack and the file of the line", async () => {
    asked.length = 0;
    await values("token", "--stack=dev", "--file", "other.yaml", "");
    expect(asked).toEqual([["room", { stack: "dev", file: "other.yaml" }]]);
  });
});
