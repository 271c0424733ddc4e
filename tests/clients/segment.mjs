/* segment.mjs - @segment/analytics-node: batches, retried by the library. */
import { Analytics } from "@segment/analytics-node";

export async function send(url, key, events) {
  const acked = new Set();
  const analytics = new Analytics({
    writeKey: key, host: url, path: "/v1/batch", flushAt: 8, flushInterval: 50, maxRetries: 25,
  });
  analytics.on("error", () => {});
  const calls = events.map(
    (e) => new Promise((done) => {
      analytics.track(
        { messageId: e.id, userId: e.user, event: e.action, timestamp: new Date(e.time) },
        (err) => { if (!err) acked.add(e.id); done(); });
    }));
  await analytics.closeAndFlush({ timeout: 120000 });
  await Promise.all(calls);
  return acked;
}
export const retries = true;
