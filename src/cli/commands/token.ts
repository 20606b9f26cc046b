import type { Command } from "commander";
import { type CommonOptions, runs } from "../command";
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
      "Signs a token with which somebody joins a room, and prints it alone. The room's settings are looked up, so that a join that brings it back makes it as it was.",
    )
    .option("--vendor <vendor>", "where the room is, if its name alone does not say")
    .option("--display-name <name>", "the name that others see")
    .option("--ttl <seconds>", "how long it is valid, 1 to 86400 (default: 3600)", whole)
    .option("--no-publish", "may not publish")
    .option("--no-subscribe", "may not subscribe")
    .option("--no-data", "may not send data")
    .option("--admin", "may manage the room")
    .option("--offline", "sign for the name alone, without a call to the vendor");
  runs<Options>(
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
