const { getRequestListener } = require("@hono/node-server");
const { Hono } = require("hono");
const { bearerAuth } = require("hono/bearer-auth");
const { createServer } = require("node:http");

/*
 * What the gateway is compared with, a process of its own: the same framework behind a constant key. It answers a constant of
 * the same size (ANSWER), or what LiveKit answers (LIVEKIT_URL, with the constant token LIVEKIT_TOKEN): all rooms, or one
 * and its participants.
 */

const { KEY: token, ANSWER = "{}", LIVEKIT_URL, LIVEKIT_TOKEN } = process.env;
const headers = { "content-type": "application/json" };
const app = new Hono();
app.use(bearerAuth({ token }));
app.post("/constant", async (c) => {
  await c.req.json();
  return c.body(ANSWER, 200, headers);
});
const ask = async (method, input) => {
  const answer = await fetch(`${LIVEKIT_URL}/twirp/livekit.RoomService/${method}`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${LIVEKIT_TOKEN}` },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${method} was answered with ${answer.status}`);
  return answer.text();
};
app.get("/rooms", async (c) => c.body(await ask("ListRooms", {}), 200, headers));
app.get("/rooms/:room", async (c) => {
  const room = c.req.param("room");
  const asked = [ask("ListRooms", { names: [room] }), ask("ListParticipants", { room })];
  const [rooms, participants] = await Promise.all(asked);
  return c.body(`[${rooms},${participants}]`, 200, headers);
});

const server = createServer(getRequestListener(app.fetch));
server.listen(0, "127.0.0.1", () => console.error(`Listening on http://127.0.0.1:${server.address().port}`));
