// Parts of a browser test of capturing: a page that plays the meeting, and a proxy whose connections can be cut.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import net from "node:net";

const listening = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server.address().port)));

/** A page called "Meeting" that plays a file once it is told to: `play()` in the page. */
export async function meeting(wav) {
  const sound = await readFile(wav);
  const server = createServer((request, response) => {
    if (request.url === "/sound.wav") return response.writeHead(200, { "Content-Type": "audio/wav", "Content-Length": sound.length }).end(sound);
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end("<!doctype html><title>Meeting</title><h1>Meeting</h1><audio src=/sound.wav preload=auto></audio>");
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Bytes to the service and back. `cut()` breaks every connection and refuses new ones until `mend()`. */
export async function proxy(host, port) {
  const pairs = new Set();
  let whole = true;
  const server = net.createServer((near) => {
    if (!whole) return near.destroy();
    const far = net.connect(port, host);
    const both = [near, far];
    pairs.add(both);
    const broken = () => both.forEach((one) => one.destroy());
    // What is on its way when one side closes still arrives: `pipe` passes the end on.
    for (const one of both) one.on("error", broken).on("close", () => pairs.delete(both));
    near.pipe(far).pipe(near);
  });
  const own = await listening(server);
  return {
    origin: `http://127.0.0.1:${own}`,
    cut: () => {
      whole = false;
      // A reset, as when a network goes away; an orderly end would be a goodbye.
      for (const both of pairs) for (const one of both) one.resetAndDestroy();
    },
    mend: () => (whole = true),
    close: () => {
      for (const both of pairs) for (const one of both) one.destroy();
      server.close();
    },
  };
}

/**
 * What a browser needs to be captured from without anybody at the screen, headless as well. The microphone is a file.
 * No `--use-fake-ui-for-media-stream`: it would replace the tab's sound by a beep. The microphone is allowed by the
 * context's permissions, the tab is chosen by its title.
 */
export const captureFlags = (wav) => [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${wav}%noloop`,
  "--auto-select-tab-capture-source-by-title=Meeting", "--autoplay-policy=no-user-gesture-required",
];

/** A muted browser captures silence from its tabs. */
export const launchOptions = (wav) => ({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: captureFlags(wav), ignoreDefaultArgs: ["--mute-audio"],
});
