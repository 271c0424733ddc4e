/* proxy.mjs - a network that fails, between a client and the service.
 *
 * Of the requests that pass, by a seeded dice: some are refused before the service saw them (503,
 * 429, with Retry-After), some reach it and their answer is lost (the connection is cut), some
 * reach it twice, some are cut before. The rest goes through. Whatever it did is counted. */
import http from "node:http";

/* The same faults on every run of one seed (mulberry32). */
export function dice(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/* What happens to a request, and how often. */
const FAULTS = [
  ["refused503", 0.12],
  ["refused429", 0.08],
  ["cutBefore", 0.05],
  ["cutAfter", 0.12],
  ["twice", 0.12],
];

function forward(port, req, body) {
  return new Promise((resolve, reject) => {
    const headers = { ...req.headers, connection: "close", "content-length": String(body.length) };
    delete headers["transfer-encoding"];
    const up = http.request({ host: "127.0.0.1", port, method: req.method, path: req.url, headers }, (res) => {
      const parts = [];
      res.on("data", (c) => parts.push(c));
      res.on("end", () => resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts) }));
    });
    up.on("error", reject);
    up.end(body);
  });
}

function pick(roll) {
  let x = roll();
  for (const [name, share] of FAULTS) {
    if (x < share) return name;
    x -= share;
  }
  return "passed";
}

function refuse(res, status) {
  res.writeHead(status, { "retry-after": "1", "content-type": "application/json" });
  res.end("{}");
}

/* Listens on a free port of the loopback; gives its address, what it did, and an end. */
export async function failingNetwork(port, seed) {
  const roll = dice(seed);
  const did = { passed: 0 };
  const server = http.createServer((req, res) => {
    const parts = [];
    req.on("data", (c) => parts.push(c));
    req.on("error", () => {});
    req.on("end", async () => {
      const body = Buffer.concat(parts), fault = pick(roll);
      did[fault] = (did[fault] ?? 0) + 1;
      try {
        if (fault === "refused503") return refuse(res, 503);
        if (fault === "refused429") return refuse(res, 429);
        if (fault === "cutBefore") return req.socket.destroy();
        const answer = await forward(port, req, body);
        did[answer.status] = (did[answer.status] ?? 0) + 1;
        if (fault === "cutAfter") return req.socket.destroy();
        if (fault === "twice") await forward(port, req, body);
        delete answer.headers["transfer-encoding"];
        res.writeHead(answer.status, { ...answer.headers, connection: "keep-alive" });
        res.end(answer.body);
      } catch {
        req.socket.destroy();
      }
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    did,
    end: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
