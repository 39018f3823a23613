import assert from "node:assert/strict";
import { test } from "node:test";

import { Feed } from "../../static/js/net/feed.js";
import { fakeClock, settle } from "./support.mjs";

/** A server with a log of changes, a poll and sockets; both can be cut. */
function world() {
  const clock = fakeClock();
  const server = { seq: 10, log: [], polls: 0, down: false, sockets: [], noSockets: false, prunedTo: 0 };
  const answer = (since) => {
    if (since > server.seq || since < server.prunedTo) return { seq: server.seq, changes: [], reset: true };
    return { seq: server.seq, changes: server.log.filter((change) => change.seq > since) };
  };
  server.commit = (count = 1) => {
    for (let n = 0; n < count; n += 1) server.log.push({ seq: (server.seq += 1), kind: "message.created" });
    for (const socket of server.sockets) socket.flush();
  };
  const openSocket = (since) => {
    const socket = {
      since,
      flush() {
        if (socket.dead || socket.since === server.seq) return;
        const found = answer(socket.since);
        socket.since = found.seq;
        socket.onmessage?.({ data: JSON.stringify(found) });
      },
      close() {
        socket.dead = true;
      },
    };
    socket.cut = () => {
      socket.dead = true;
      socket.onclose?.();
    };
    server.sockets.push(socket);
    void Promise.resolve().then(() => {
      if (server.noSockets || server.down) return socket.cut();
      socket.onopen?.();
      socket.flush();
    });
    return socket;
  };
  const poll = async (since) => {
    server.polls += 1;
    if (server.down) throw new Error("down");
    return since === server.seq ? null : answer(since);
  };
  const seen = { seqs: [], resets: 0, states: [] };
  const feed = new Feed({
    poll,
    openSocket,
    ...clock,
    random: () => 1,
    onFrame: ({ changes }) => seen.seqs.push(...changes.map((change) => change.seq)),
    onReset: () => (seen.resets += 1),
    onState: (state) => seen.states.push(state),
  });
  return { clock, server, feed, seen };
}

test("the socket brings changes at once, and polls grow rare", async () => {
  const { clock, server, feed, seen } = world();
  feed.start(10);
  await settle();
  server.commit(3);
  assert.deepEqual(seen.seqs, [11, 12, 13]);
  await clock.pass(24_000);
  assert.equal(server.polls, 0);
  await clock.pass(2000);
  assert.equal(server.polls, 1);
  assert.deepEqual(seen.states, ["live"]);
});

test("without a socket polling goes on every three seconds", async () => {
  const { clock, server, feed, seen } = world();
  server.noSockets = true;
  feed.start(10);
  await clock.pass(3100);
  server.commit(2);
  await clock.pass(3000);
  assert.deepEqual(seen.seqs, [11, 12]);
});

test("after a lost connection nothing is missed or doubled", async () => {
  const { clock, server, feed, seen } = world();
  feed.start(10);
  await settle();
  server.commit();
  server.down = true;
  server.sockets[0].cut();
  server.commit(4);
  await clock.pass(20_000);
  assert.equal(seen.states.at(-1), "down");
  server.down = false;
  await clock.pass(60_000);
  server.commit();
  await clock.pass(3000);
  assert.deepEqual(seen.seqs, [11, 12, 13, 14, 15, 16]);
  assert.equal(seen.states.at(-1), "live");
});

test("a poll and a socket that tell the same tell it once", async () => {
  const { server, feed, seen } = world();
  feed.start(10);
  await settle();
  const [socket] = server.sockets;
  socket.flush = () => {};
  server.commit(2);
  await feed.poll();
  socket.onmessage({ data: JSON.stringify({ seq: 12, changes: server.log }) });
  assert.deepEqual(seen.seqs, [11, 12]);
});

test("reset loads anew and goes on from the server's seq, also when that is lower", async () => {
  const { clock, server, feed, seen } = world();
  server.noSockets = true;
  feed.start(500);
  await clock.pass(3100);
  assert.equal(seen.resets, 1);
  assert.equal(feed.seq, 10);
  server.commit();
  await clock.pass(6000);
  assert.deepEqual(seen.seqs, [11]);
});

test("more than one answer holds: the rest is asked for at once", async () => {
  const { clock, feed, seen, server } = world();
  server.noSockets = true;
  const rest = [
    { seq: 11, changes: [{ seq: 11 }], more: true },
    { seq: 12, changes: [{ seq: 12 }] },
  ];
  feed.wires.poll = async () => rest.shift() ?? null;
  feed.start(10);
  await clock.pass(3100);
  assert.deepEqual(seen.seqs, [11, 12]);
});

test("reconnecting backs off to half a minute, and a stopped feed is silent", async () => {
  const { clock, server, feed } = world();
  server.noSockets = true;
  feed.start(10);
  await clock.pass(120_000);
  assert.ok(server.sockets.length <= 9, `${server.sockets.length} tries`);
  feed.stop();
  const { polls } = server;
  await clock.pass(60_000);
  assert.equal(server.polls, polls);
});
