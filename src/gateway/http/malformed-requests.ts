import { randomUUID } from "node:crypto";
import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { RtcError } from "../../contract/errors";
import { HttpRejection, type Problem, problemOf } from "./problem";

/** How long a request has that is late, to turn out to be there already. */
const LAST_LOOK_MS = 100;

/**
 * Answers what no app ever sees, since it cannot be read or does not come in time: as problems too, where Node would
 * answer without a body.
 *
 * @param onProblem receives each problem that was answered
 */
export function answerUnreadable(server: Server, onProblem: (problem: Problem) => void): void {
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.prependListener("request", ({ socket }, response) => void answering.set(socket, response));
  const answer = (error: NodeJS.ErrnoException, socket: Duplex) => {
    const begun = answering.get(socket);
    const isInTheMiddle = begun?.headersSent && !begun.writableFinished;
    if (socket.writable && error.code !== "ECONNRESET" && !isInTheMiddle) {
      socket.end(rawAnswer(errorOf(error.code), onProblem), () => socket.destroy());
    } else socket.destroy();
  };
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code !== "ERR_HTTP_REQUEST_TIMEOUT") return answer(error, socket);
    // If the process was blocked, the request may have arrived without being read yet.
    const late = answering.get(socket);
    const isOfBefore = late?.req.complete;
    setTimeout(() => {
      const latest = answering.get(socket);
      const hasCome = latest?.req.complete && (latest !== late || !isOfBefore);
      if (!hasCome) answer(error, socket);
    }, LAST_LOOK_MS);
  });
}

/** An error as a whole answer, after which the connection is closed: for what no app ever sees. */
export function rawAnswer(error: RtcError, onProblem: (problem: Problem) => void): string {
  const { status, headers, text } = problemAnswer(error, onProblem);
  const all = { ...headers, "content-length": Buffer.byteLength(text), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${text}`;
}

/** The answer to a request whose address or Host header cannot be read, or that has no Host header. */
export function unreadableRequest(onProblem: (problem: Problem) => void): Response {
  const error = new RtcError("INVALID_ARGUMENT", "the address or the Host header cannot be read");
  const { status, headers, text } = problemAnswer(error, onProblem);
  return new Response(text, { status, headers });
}

function problemAnswer(error: RtcError, onProblem: (problem: Problem) => void) {
  const { status, headers, body } = problemOf(error, randomUUID());
  onProblem(body);
  return { status, headers: { ...headers, "x-request-id": body.requestId }, text: JSON.stringify(body) };
}

/** https://nodejs.org/api/http.html#event-clienterror */
function errorOf(code: string | undefined): RtcError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new HttpRejection(408, "the request did not come in time");
    case "HPE_HEADER_OVERFLOW":
      return new HttpRejection(431, "the headers are longer than 16 KiB");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new RtcError("PAYLOAD_TOO_LARGE", "the extensions of a chunk are too long");
    default:
      return new RtcError("INVALID_ARGUMENT", "this is not HTTP/1.1");
  }
}
