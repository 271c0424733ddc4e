/* drive.mjs - sends N events with one client through a network that fails.
 *
 *   node drive.mjs CLIENT PORT KEY SOURCE N SEED     prints {acked, did} as JSON
 *
 * CLIENT: segment, otlp, cloudevents, or cloudevents-once (which gives up at once). */
import { failingNetwork } from "./proxy.mjs";

const [client, port, key, source, n, seed] = process.argv.slice(2);
const events = [...Array(Number(n)).keys()].map((i) => ({
  id: `${client}-${i}`,
  source,
  user: `p${i % 12}@prova.example`,
  action: "contact.create",
  time: new Date(Date.now() - 60000 - i).toISOString(),
}));
const network = await failingNetwork(Number(port), Number(seed));
const { send } = await import(`./${client.replace(/-once$/, "")}.mjs`);
const acked = await send(network.url, key, events, client.endsWith("-once") ? 1 : undefined);
network.end();
console.log(JSON.stringify({ acked: [...acked].sort(), did: network.did }));
process.exit(0);
