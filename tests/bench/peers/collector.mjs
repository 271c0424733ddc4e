/* collector.mjs - a collector in Node and pg, as a competent team would write it, to measure beside.
 *
 *   node collector.mjs each|batch SOCKET-DIR DATABASE KEY
 *
 * POST /v1/events takes one event or an array, checks each, and answers once they are committed:
 * `each` inserts them one by one, `batch` in one statement per request. Durable (the server's
 * synchronous_commit is as it stands), idempotent by (source, id), a pool of ten connections.
 * Prints its port. */
import http from "node:http";
import { createHash, createHmac } from "node:crypto";
import pg from "pg";

const [mode, host, database, key] = process.argv.slice(2);
const pool = new pg.Pool({ host, database, user: "postgres", max: 10 });
const keyHash = createHash("sha256").update(key).digest();
const secret = Buffer.alloc(32, 7);

const COLUMNS = ["source", "id", "type", "time", "actor", "action", "object_type", "object_id", "properties"];
const TYPES = ["text", "text", "text", "timestamptz", "bytea", "text", "text", "text", "jsonb"];
const ONE = `insert into peer.event (${COLUMNS}) values (${COLUMNS.map((_, i) => `$${i + 1}`)})
             on conflict do nothing`;
const MANY = `insert into peer.event (${COLUMNS})
              select * from unnest(${TYPES.map((t, i) => `$${i + 1}::${t}[]`)}) on conflict do nothing`;

await pool.query(`create schema if not exists peer;
  drop table if exists peer.event;
  create table peer.event (source text, id text, type text, time timestamptz, received timestamptz default now(),
    actor bytea, action text, object_type text, object_id text, properties jsonb, primary key (source, id))`);

/* The row of an event, or what is wrong with it. */
function row(e) {
  if (!e || typeof e !== "object" || Array.isArray(e)) return "not_object";
  if (typeof e.id !== "string" || !e.id || e.id.length > 128) return "missing_id";
  if (typeof e.user !== "string" || !e.user) return "missing_user";
  if (typeof e.action !== "string" || !e.action) return "missing_action";
  const time = new Date(e.time);
  if (Number.isNaN(time.getTime())) return "bad_time";
  if (time > Date.now() + 300000) return "time_in_future";
  const actor = createHmac("sha256", secret).update(e.user.toLowerCase()).digest().subarray(0, 16);
  return [e.source ?? "crm", e.id, e.type ?? "usage", time, actor, e.action, e.object_type ?? null,
    e.object_id == null ? null : String(e.object_id), JSON.stringify(e.properties ?? {})];
}

async function store(rows) {
  if (mode === "batch") {
    await pool.query({ name: "many", text: MANY, values: COLUMNS.map((_, i) => rows.map((r) => r[i])) });
    return;
  }
  for (const r of rows) await pool.query({ name: "one", text: ONE, values: r });
}

function answer(res, status, body) {
  const text = JSON.stringify(body);
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  res.end(text);
}

async function take(req, res, body) {
  const bearer = (req.headers.authorization ?? "").replace(/^Bearer /, "");
  if (!createHash("sha256").update(bearer).digest().equals(keyHash)) return answer(res, 401, { code: "unknown_key" });
  let events;
  try {
    events = JSON.parse(body);
  } catch {
    return answer(res, 400, { code: "not_json" });
  }
  const rows = [], results = [];
  for (const [index, e] of (Array.isArray(events) ? events : [events]).entries()) {
    const r = row(e);
    if (typeof r === "string") results.push({ index, code: r });
    else rows.push(r);
  }
  if (rows.length) await store(rows);
  answer(res, 200, { accepted: rows.length, rejected: results.length, results });
}

const server = http.createServer((req, res) => {
  const parts = [];
  req.on("data", (c) => parts.push(c));
  req.on("end", () => take(req, res, Buffer.concat(parts)).catch(() => answer(res, 503, { code: "store" })));
});
server.keepAliveTimeout = 75000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
