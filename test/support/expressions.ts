import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

/** What an expression of a workflow can name: `{ github: { event_name: "push" }, matrix: {} }`. */
export type Contexts = Record<string, unknown>;

/** How the steps of a job have gone, or the jobs that it needs. */
export type Status = "success" | "failure";

/** The functions of the status of earlier steps, which only `if:` has. */
const statusFunctions = ["success", "failure", "always", "cancelled"];

/** Evaluates an expression as GitHub does, by its own library. A name that is not there is null; what is no context fails. */
function evaluate(expression: string, contexts: Contexts, status: Status): data.ExpressionData {
  const answers: Record<string, boolean> = {
    success: status === "success",
    failure: status === "failure",
    always: true,
    cancelled: false,
  };
  const functions = statusFunctions.map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answers[name] ?? false),
  }));
  const parsed = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), functions).parse();
  const known = Object.entries(contexts).map(([key, value]) => ({
    key,
    value: JSON.parse(JSON.stringify(value), data.reviver) as data.ExpressionData,
  }));
  const byName = new Map(functions.map((one) => [one.name, one]));
  return new Evaluator(parsed, new data.Dictionary(...known), byName).evaluate();
}

/** A text with the values of its expressions. */
export function filledIn(text: string, contexts: Contexts): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression, contexts, "success").coerceString(),
  );
}

/** Whether an `if:` lets a job or step run; without one, whether all went well before. */
export function lets(condition: string | undefined, contexts: Contexts, status: Status): boolean {
  const expression = /^\s*\$\{\{(.*)\}\}\s*$/s.exec(condition ?? "")?.[1] ?? condition ?? "success()";
  const looksBack = statusFunctions.some((name) => expression.includes(`${name}(`));
  const whole = looksBack ? expression : `success() && (${expression})`;
  const result = evaluate(whole, contexts, status).coerceString();
  return result !== "false" && result !== "";
}
