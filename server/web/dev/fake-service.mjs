// Development only: the service as the page sees it, replaying a scripted call over a real WebSocket.
// node dev/fake-service.mjs [--port 8765] [--turn-ms 1500] [--empty] [--no-training] [--slow 0] [--audio none|rep|all] [--late-s 0] [--hold] [--broken]
// --hold: the call stays open after its last words. POST /dev/{drop,away,back,call,end,trouble,well,engine-down,engine-up}
// breaks and mends things. Serves ../static when it is built.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";
import { FakeCall } from "./call.mjs";
import { momentsAnswer } from "./moments.mjs";
import { answer } from "./routes.mjs";

const flag = { type: "boolean", default: false };
const text = (value) => ({ type: "string", default: value });
const { values: options } = parseArgs({
  options: { port: text("8765"), "turn-ms": text("1500"), slow: text("0"), audio: text("none"), "late-s": text("0"), broken: flag, empty: flag, hold: flag, "no-training": flag },
});
const TOKEN = "ng_dev";
const STATIC = new URL("../../static/", import.meta.url).pathname;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const world = { calls: [], labels: [], screens: new Set(), run: { state: "idle", progress: null, message: "", candidate: null, before: null, after: null }, champion: "default", candidates: [], options };

function send(screen, frame) {
  if (screen.readyState === 1) screen.send(JSON.stringify(frame));
}

const callsFrame = () => ({ type: "calls", calls: world.calls.map((call) => call.summary()), total: world.calls.length });

function emit(call, frame) {
  for (const screen of world.screens) if (screen.watching === call.callId) send(screen, frame);
  if (frame.event.type === "call_ended") setImmediate(() => world.screens.forEach((one) => send(one, callsFrame())));
}

world.startCall = (account) => {
  const call = new FakeCall(`call-${world.calls.length + 1}`, account, emit, Number(options["late-s"]));
  world.calls.unshift(call);
  world.screens.forEach((one) => send(one, callsFrame()));
  void call.play(Number(options["turn-ms"]), wait, options.hold);
  return call;
};

async function file(path, response) {
  const asked = normalize(path === "/" ? "/index.html" : path);
  try {
    const body = await readFile(join(STATIC, asked));
    response.writeHead(200, {
      "Content-Type": TYPES[extname(asked)] ?? "application/octet-stream",
      "Content-Security-Policy": "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'",
    }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname.startsWith("/dev/")) return response.end(dev(url.pathname.slice(5)));
  if (!url.pathname.startsWith("/v1/")) return file(url.pathname, response);
  const json = (status, body) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return json(401, { error: { code: "unauthorised", message: "unknown token" } });
  await wait(Number(options.slow));
  const given = await bodyOf(request);
  const [status, body, type] = momentsAnswer(world, request.method, url, given) ?? answer(world, request.method, url, given);
  if (type) return response.writeHead(status, { "Content-Type": type }).end(body);
  return json(status, body);
});

function dev(what) {
  if (what === "drop" || what === "away") world.screens.forEach((one) => one.terminate());
  if (what === "away" || what === "back") world.away = what === "away";
  if (what === "end") world.calls[0].end();
  if (what === "trouble" || what === "well") world.calls[0].trouble(what === "trouble");
  if (what === "call") world.startCall("Oakline Freight");
  if (what === "engine-down") world.calls[0].setHealth("graph", false, "The graph engine is restarting; new needs appear once it is back.");
  if (what === "engine-up") world.calls[0].setHealth("graph", true, "");
  return "ok\n";
}

const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "needgraph.v1" });
server.on("upgrade", (request, socket, head) => {
  if (world.away) return socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  const offered = request.headers["sec-websocket-protocol"] ?? "";
  if (!offered.includes(`bearer.${TOKEN}`)) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
  return sockets.handleUpgrade(request, socket, head, (screen) => {
    world.screens.add(screen);
    screen.on("close", () => world.screens.delete(screen));
    screen.on("message", (message) => {
      const call = world.calls.find((one) => one.callId === JSON.parse(message).call_id);
      screen.watching = call?.callId;
      setTimeout(() => send(screen, call ? call.snapshot() : { type: "screen_error", code: "not_found", message: "no such call" }), Number(options.slow));
    });
    send(screen, callsFrame());
  });
});

server.listen(Number(options.port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/#token=${TOKEN}`));
if (!options.empty) world.startCall("Halden Logistics GmbH");
