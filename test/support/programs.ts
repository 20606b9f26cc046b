/** A program that declares one RtcRoom an entry, with these inputs. */
export function declaring(rooms: Record<string, object>): string {
  const lines = Object.entries(rooms).map(
    ([name, inputs]) => `new rtc.RtcRoom(${JSON.stringify(name)}, ${JSON.stringify(inputs)});`,
  );
  return [`const rtc = require("pulumi-rtc");`, ...lines].join("\n");
}
