import type { Command } from "commander";
import { addAction, type CommonOptions } from "../command";
import { EXIT } from "../exit-codes";
import { whole } from "../values";

interface Options extends CommonOptions {
  vendor?: string;
  displayName?: string;
  ttl?: number;
  publish: boolean;
  subscribe: boolean;
  data: boolean;
  admin?: boolean;
  offline?: boolean;
}

/** `rtc token`: signs a join token. */
export function token(program: Command): void {
  const command = program
    .command("token <room> <identity>")
    .summary("sign a join token")
    .description(
      "Signs a token for joining a room, and prints only the token. Looks up the room's settings, with which a join recreates it.",
    )
    .option("--vendor <vendor>", "the room's vendor, if its name is ambiguous")
    .option("--display-name <name>", "the name that other participants see")
    .option("--ttl <seconds>", "its lifetime, 1 to 86400 (default: 3600)", whole)
    .option("--no-publish", "may not publish")
    .option("--no-subscribe", "may not subscribe")
    .option("--no-data", "may not send data")
    .option("--admin", "may manage the room")
    .option("--offline", "sign without the room's settings, and without a call to the vendor");
  addAction<Options>(
    command,
    "rtc token standup alice --ttl 600",
    async (options, io, room = "", identity = "") => {
      const { newClient } = await import("../../client/create.js");
      const client = newClient();
      const found = options.offline || options.vendor ? room : await client.room.get(room);
      const issued = await client.token.issue({
        room: found,
        identity,
        vendor: options.vendor,
        displayName: options.displayName,
        ttlSeconds: options.ttl,
        canPublish: options.publish,
        canSubscribe: options.subscribe,
        canPublishData: options.data,
        isAdmin: options.admin,
      });
      for (const warning of issued.warnings ?? []) io.warn(warning);
      io.result(issued, () => issued.token);
      return EXIT.done;
    },
  );
}
