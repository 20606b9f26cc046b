import { InvalidArgumentError } from "commander";

/** A whole number of the command line. */
export function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

/** A length of time of the command line, in seconds: `90`, `90s`, `15m`, `2h`, `7d`. */
export function seconds(text: string): number {
  const [, number, unit = "s"] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  const factor = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit || "s"];
  if (number === undefined || factor === undefined)
    throw new InvalidArgumentError("It is not a duration like 30s, 15m or 2h.");
  return Number(number) * factor;
}

/** An address to listen on: a port of loopback (`9464`), or address and port (`0.0.0.0:9464`, `[::]:9464`). Port 0: any free one. */
export function listenAddress(text: string): { host: string; port: number } {
  const { host = "127.0.0.1", six, port = "" } = LISTEN.exec(text)?.groups ?? {};
  if (port === "" || Number(port) > MOST_PORT)
    throw new InvalidArgumentError("It is neither a port nor an address and a port, like 0.0.0.0:9464.");
  return { host: six ?? host, port: Number(port) };
}

const LISTEN = /^(?:(?:\[(?<six>[^[\]]+)\]|(?<host>[^:[\]]+)):)?(?<port>\d{1,5})$/;
const MOST_PORT = 65_535;

/** A JSON object of the command line. */
export function object(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw new InvalidArgumentError("It is not a JSON object.");
}
