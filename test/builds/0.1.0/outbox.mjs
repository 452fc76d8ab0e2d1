// The outbox as it was released, bundled from activities/outbox.ts: a worker of the old build beside one of the new. Never edited.

// activities/outbox.ts
import { randomUUID } from "node:crypto";

// mail/addresses.ts
import { createHash, createHmac } from "node:crypto";
var ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
function messageId(key, parts, domain) {
  return `${base32(hmac(key, "message", parts))}@${domain.toLowerCase()}`;
}
function verp(domain, local) {
  return `b-${local}@${domain.toLowerCase()}`;
}
function hmac(key, purpose, parts) {
  return createHmac("sha256", key).update(JSON.stringify([purpose, ...parts])).digest();
}
function base32(bytes) {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = held << 8 | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[held >>> bits - 5 & 31];
    held &= (1 << bits) - 1;
  }
  return bits ? text + ALPHABET[held << 5 - bits & 31] : text;
}

// models/message.ts
import { Schema } from "mongoose";
var DURABLE = { w: "majority", j: true };
var schema = new Schema(
  {
    _id: { type: String, required: true },
    subject: { type: String, required: true },
    kind: { type: String, required: true },
    sequence: { type: Number, required: true },
    recipient: { type: String, required: true },
    owner: { type: String, required: true },
    agency: String,
    raw: { type: Buffer, required: true },
    sealed: Boolean,
    sha256: { type: String, required: true },
    size: { type: Number, required: true },
    subjectLine: { type: String, required: true },
    state: { type: String, required: true },
    attempt: { type: Number, required: true },
    lease: Date,
    fence: String,
    smtp: { type: { code: Number, response: String }, _id: false },
    createdAt: { type: Date, required: true },
    submittedAt: Date,
    acceptedAt: Date,
    bouncedAt: Date,
    bounce: { type: { code: String, text: String }, _id: false },
    nextAttemptAt: Date,
    settlement: Schema.Types.Mixed
  },
  { collection: "messages", versionKey: false, writeConcern: DURABLE }
);
schema.index({ subject: 1, kind: 1, sequence: 1, recipient: 1 }, { unique: true });
schema.index(
  { state: 1, createdAt: 1 },
  {
    partialFilterExpression: {
      state: { $in: ["pending", "sending", "deferred", "inDoubt", "bounced", "rejected"] }
    }
  }
);
schema.index({ owner: 1, createdAt: 1 });
schema.index({ acceptedAt: -1 }, { partialFilterExpression: { acceptedAt: { $exists: true } } });
function messageCollection(model) {
  return model.collection;
}

// activities/outbox-booking.ts
import { createHash as createHash2 } from "node:crypto";

// activities/outbox-job.ts
var MINUTE = 6e4;
var BACKOFF_MS = [5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 240 * MINUTE];
var SOON_MS = 3e4;
function identityOf({ subject, kind, sequence, recipient }) {
  return { subject, kind, sequence, recipient: recipient.trim().toLowerCase() };
}
function quietly({ draft }, said) {
  const address = draft.sealed?.address;
  if (address === void 0) return said;
  const quiet = Object.entries(said).map(([name, value]) => [
    name,
    typeof value === "string" ? value.replaceAll(new RegExp(escaped(address), "giu"), "***") : value
  ]);
  return Object.fromEntries(quiet);
}
var escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
function report(job, head, parts) {
  const response = head.smtp?.response ?? head.bounce?.text;
  const base = { messageId: head._id, again: job.again, ...response === void 0 ? {} : { response } };
  if (head.state === "sending") {
    return {
      ...base,
      outcome: "deferred",
      retryAt: (head.lease?.getTime() ?? parts.wall()) + parts.timing.graceMs
    };
  }
  if (head.state === "pending" || head.state === "deferred") {
    return { ...base, outcome: "deferred", retryAt: head.nextAttemptAt?.getTime() ?? parts.wall() };
  }
  return { ...base, outcome: head.state };
}
function backoff({ timing }, attempt2) {
  const steps = timing.backoffMs ?? BACKOFF_MS;
  return steps[Math.min(attempt2, steps.length) - 1] ?? SOON_MS;
}
function soon({ timing }, attempt2) {
  const longest = (timing.backoffMs ?? BACKOFF_MS).at(-1) ?? SOON_MS;
  return Math.min((timing.soonMs ?? SOON_MS) * 2 ** (attempt2 - 1), longest);
}
function later(job, retryAt) {
  return { messageId: job.id, outcome: "deferred", retryAt, again: job.again };
}
function envelopeFrom(id, domain) {
  const [local = "", own = domain] = id.split("@");
  return verp(own, local);
}
function isOver({ wall }, { options, failed }) {
  return failed || options.signal?.aborted === true || options.until !== void 0 && wall() >= options.until;
}

// activities/outbox-booking.ts
async function bookPage(parts, jobs, run) {
  const heads = new Map(
    (await parts.records.heads(jobs.map((job) => job.id))).map((head) => [head._id, head])
  );
  const fresh = await composeAll(
    parts,
    jobs.filter((job) => !heads.has(job.id)),
    run
  );
  const mine = new Set(fresh.map((record) => record._id));
  if (fresh.length && !await parts.records.insert(fresh)) {
    mine.clear();
    await adopt(
      parts,
      jobs.filter((job) => job.raw),
      heads
    );
  }
  const ready = [];
  for (const job of jobs) {
    const head = heads.get(job.id);
    if (mine.has(job.id) || head && await isToSend(parts, job, head)) ready.push(job);
  }
  return ready;
}
async function adopt(parts, jobs, heads) {
  const there = await parts.records.identical(jobs.map((job) => identityOf(job.draft)));
  const byIdentity = new Map(there.map((head) => [identityKey(head), head]));
  for (const job of jobs) {
    const head = byIdentity.get(identityKey(identityOf(job.draft)));
    job.raw = void 0;
    if (!head) continue;
    job.id = head._id;
    heads.set(head._id, head);
  }
}
function identityKey({ subject, kind, sequence, recipient }) {
  return JSON.stringify([subject, kind, sequence, recipient]);
}
async function composeAll(parts, jobs, run) {
  const records = [];
  for (const [n, job] of jobs.entries()) {
    if (isOver(parts, run)) break;
    if (n % 16 === 15) await new Promise((resolve) => setImmediate(resolve));
    try {
      records.push(await compose(parts, job));
    } catch (error) {
      job.posted = {
        ...later(job, parts.wall() + soon(parts, 1)),
        response: `not composed: ${String(error)}`
      };
    }
  }
  return records;
}
async function compose({ domain, wall }, job) {
  const { draft, id } = job;
  const { raw, subjectLine } = await draft.compose({ messageId: id, envelopeFrom: envelopeFrom(id, domain) });
  job.raw = raw;
  const kept = draft.sealed ? draft.sealed.seal(raw) : raw;
  return {
    _id: id,
    ...identityOf(draft),
    owner: draft.owner,
    ...draft.agency === void 0 ? {} : { agency: draft.agency },
    raw: kept,
    ...draft.sealed ? { sealed: true } : {},
    sha256: createHash2("sha256").update(raw).digest("hex"),
    size: raw.length,
    subjectLine,
    state: "pending",
    attempt: 0,
    createdAt: new Date(wall())
  };
}
async function isToSend(parts, job, head) {
  job.again = true;
  job.attempt = head.attempt;
  const now = parts.wall();
  const open = head.state === "pending" || head.state === "deferred" && (head.nextAttemptAt?.getTime() ?? 0) <= now;
  if (open) return true;
  const overAt = (head.lease?.getTime() ?? 0) + parts.timing.graceMs;
  if (head.state === "sending" && now > overAt) return settleExpired(parts, job, head);
  job.posted = report(job, head, parts);
  return false;
}
async function settleExpired(parts, job, head) {
  const { records, archive } = parts;
  const began = head.submittedAt ?? head.createdAt;
  const found = await archive.lookup(head._id, { began, later: () => records.acknowledgedSince(began) });
  const response = found === "present" ? "found in the archive" : "no reply, and no proof in the archive";
  const set = {
    present: { state: "sent", acceptedAt: began, smtp: { response } },
    absent: { state: "pending" },
    unknown: { state: "inDoubt", smtp: { response } }
  }[found];
  const settled = await records.settle(head, set);
  if (settled && found === "absent") return true;
  job.posted = settled ? report(job, { ...head, ...set }, parts) : later(job, parts.wall() + soon(parts, 1));
  return false;
}

// activities/outbox-records.ts
var PATIENCE_MS = 45e3;
var HEAD = { raw: 0 };
function outboxRecords(messages) {
  const heads = (ids) => messages.find({ _id: { $in: [...ids] } }, { projection: HEAD }).toArray();
  const identical = (identities) => messages.find({ $or: identities.map((one) => ({ ...one })) }, { projection: HEAD }).toArray();
  const bytes = async (ids) => {
    const rows = messages.find({ _id: { $in: [...ids] } }, { projection: { raw: 1 }, promoteBuffers: true });
    return new Map((await rows.toArray()).map((row) => [row._id, row.raw]));
  };
  const insert = async (records) => {
    try {
      await messages.insertMany([...records], { ordered: false, writeConcern: DURABLE });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  };
  const turn = async (over, next, mark) => {
    const operations = [
      ...over.map((one) => concludeOperation(one, mark.fence)),
      ...next.map((id) => markOperation(id, mark))
    ];
    if (!operations.length) return /* @__PURE__ */ new Set();
    const changed = await patiently(async () => {
      const result = await messages.bulkWrite(operations, { ordered: false, writeConcern: DURABLE });
      return result.modifiedCount;
    });
    if (changed === operations.length) return new Set(next);
    const ours = { _id: { $in: [...next] }, state: "sending", fence: mark.fence };
    const won = await messages.find(ours, { projection: { _id: 1 } }).toArray();
    return new Set(won.map((row) => row._id));
  };
  const settle = async (head, set) => {
    const asRead = {
      _id: head._id,
      state: head.state,
      attempt: head.attempt,
      fence: head.fence ?? { $exists: false }
    };
    const result = await messages.updateOne(
      asRead,
      { $set: set, $unset: { lease: 1 } },
      { writeConcern: DURABLE }
    );
    return result.modifiedCount === 1;
  };
  const move = async (filter, set) => (await messages.updateMany(
    filter,
    { $set: set, $unset: { lease: 1, nextAttemptAt: 1 } },
    { writeConcern: DURABLE }
  )).modifiedCount;
  const acknowledgedSince = async (began) => {
    const rows = messages.find({ acceptedAt: { $gt: began } }, { projection: { _id: 1 } }).sort({ acceptedAt: -1 }).limit(3);
    return (await rows.toArray()).map((row) => row._id);
  };
  return { heads, identical, bytes, insert, turn, settle, move, acknowledgedSince };
}
function concludeOperation({ id, set }, fence) {
  const $unset = set.state === void 0 ? {} : { $unset: { lease: 1 } };
  return {
    updateOne: { filter: { _id: id, state: "sending", fence }, update: { $set: set, ...$unset } }
  };
}
function markOperation(id, { fence, lease, at }) {
  const now = new Date(at);
  const due = [{ state: "pending" }, { state: "deferred", nextAttemptAt: { $lte: now } }];
  const $set = { state: "sending", fence, lease: new Date(lease), submittedAt: now };
  const update = { $set, $inc: { attempt: 1 }, $unset: { nextAttemptAt: 1 } };
  return { updateOne: { filter: { _id: id, $or: due }, update } };
}
async function patiently(write) {
  const until = performance.now() + PATIENCE_MS;
  for (; ; ) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
function isDuplicate(error) {
  if (!(error instanceof Error) || !("writeErrors" in error)) return false;
  const errors = [error.writeErrors].flat();
  return errors.length > 0 && errors.every((one) => one.code === 11e3);
}

// activities/outbox-sending.ts
var LANES = 2;
async function sendAll(parts, jobs, run) {
  const queue = [...jobs];
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, () => lane(parts, queue, run)));
  for (const one of lanes) if (one.status === "rejected") throw one.reason;
}
async function lane(parts, queue, run) {
  let over = [];
  try {
    for (; ; ) {
      const chunk = isOver(parts, run) ? [] : queue.splice(0, await parts.rate.chunk(parts.transport.connections));
      const wait = chunk.length ? await parts.rate.reserve(chunk.length) : 0;
      if (wait > 0) {
        await parts.records.turn(over, [], markNow(parts, run));
        over = [];
        if (!await pause(parts, wait, run)) return;
      }
      if (!chunk.length && !over.length) return;
      over = await sendChunk(parts, { chunk, over }, run);
    }
  } catch (error) {
    run.failed = true;
    throw error;
  }
}
function markNow({ wall, timing }, { fence }) {
  const at = wall();
  return { fence, at, lease: at + timing.leaseMs };
}
async function sendChunk(parts, { chunk, over }, run) {
  const unread = chunk.filter((job) => !job.raw).map((job) => job.id);
  const bytes = unread.length ? await parts.records.bytes(unread) : /* @__PURE__ */ new Map();
  const mark = markNow(parts, run);
  const won = await parts.records.turn(
    over,
    chunk.map((job) => job.id),
    mark
  );
  const lost = chunk.filter((job) => !won.has(job.id));
  if (lost.length) await reportLost(parts, lost);
  return Promise.all(
    chunk.filter((job) => won.has(job.id)).map(async (job) => {
      job.attempt += 1;
      const outcome = await attempt(
        parts,
        { job, raw: job.raw ?? opened(job, bytes.get(job.id)), lease: mark.lease },
        run
      );
      job.raw = void 0;
      return conclude(parts, { job, outcome: quietly(job, outcome), lease: mark.lease });
    })
  );
}
async function reportLost(parts, lost) {
  const heads = new Map(
    (await parts.records.heads(lost.map((job) => job.id))).map((head) => [head._id, head])
  );
  for (const job of lost) {
    const head = heads.get(job.id);
    if (head) job.posted = report(job, head, parts);
  }
}
var opened = ({ draft }, kept) => kept && draft.sealed ? draft.sealed.open(kept) : kept;
function attempt(parts, { job, raw, lease }, run) {
  if (!raw) return { kind: "notStarted", reason: "no bytes" };
  if (parts.wall() >= lease - parts.timing.attemptMs) return { kind: "notStarted", reason: "lease over" };
  const from = envelopeFrom(job.id, parts.domain);
  const to = job.draft.sealed?.address ?? identityOf(job.draft).recipient;
  return parts.transport.send({ raw, from, to }, run.options.signal);
}
function conclude(parts, { job, outcome, lease }) {
  const posted = { messageId: job.id, again: job.again };
  const retry = (at, response) => {
    job.posted = { ...posted, outcome: "deferred", response, retryAt: at };
  };
  switch (outcome.kind) {
    case "accepted": {
      job.posted = { ...posted, outcome: "sent", response: outcome.response };
      const smtp = { code: Number.parseInt(outcome.response, 10) || 250, response: outcome.response };
      return { id: job.id, set: { state: "sent", acceptedAt: new Date(parts.wall()), smtp } };
    }
    case "rejected": {
      job.posted = { ...posted, outcome: "rejected", response: outcome.response };
      return {
        id: job.id,
        set: { state: "rejected", smtp: { code: outcome.code, response: outcome.response } }
      };
    }
    case "deferred": {
      const at = parts.wall() + backoff(parts, job.attempt);
      retry(at, outcome.response);
      const smtp = { code: outcome.code, response: outcome.response };
      return { id: job.id, set: { state: "deferred", nextAttemptAt: new Date(at), smtp } };
    }
    case "notStarted": {
      const at = parts.wall() + soon(parts, job.attempt);
      retry(at, outcome.reason);
      return {
        id: job.id,
        set: { state: "deferred", nextAttemptAt: new Date(at), smtp: { response: outcome.reason } }
      };
    }
    case "inDoubt":
      retry(lease + parts.timing.graceMs, outcome.reason);
      return { id: job.id, set: { smtp: { response: outcome.reason } } };
  }
}
async function pause(parts, ms, run) {
  const end = performance.now() + ms;
  if (run.options.until !== void 0 && parts.wall() + ms >= run.options.until) return false;
  for (let left = ms; left > 0; left = end - performance.now()) {
    if (isOver(parts, run)) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 1e3)));
  }
  return !isOver(parts, run);
}

// activities/outbox.ts
var PAGE = 25;
var BEAT_MS = 2e3;
function createOutbox(options) {
  const { attemptMs, leaseMs, graceMs } = options.timing;
  if (!(options.transport.attemptMs <= attemptMs && attemptMs < leaseMs && attemptMs < graceMs)) {
    throw new Error("An attempt must be shorter than the lease and than the grace");
  }
  const records = outboxRecords(messageCollection(options.messages));
  const post = async (drafts, postOptions = {}) => {
    const run = { fence: randomUUID(), options: postOptions, failed: false };
    const { jobs, byDraft } = jobsOf(drafts, options);
    const beat = () => postOptions.heartbeat?.({ settled: jobs.filter((job) => job.posted).length, of: jobs.length });
    beat();
    const timer = setInterval(beat, BEAT_MS);
    try {
      await postPages({ ...options, records }, jobs, run);
    } finally {
      clearInterval(timer);
    }
    return byDraft.map((job) => job.posted ?? later(job, options.wall()));
  };
  return { post, ...decisions(records, options.wall) };
}
async function postPages(parts, jobs, run) {
  let sending = Promise.resolve();
  for (let at = 0; at < jobs.length && !isOver(parts, run); at += PAGE) {
    const ready = await bookPage(parts, jobs.slice(at, at + PAGE), run);
    await sending;
    sending = sendAll(parts, ready, run);
    sending.catch(() => void 0);
  }
  await sending;
}
function decisions(records, wall) {
  return {
    async resolveInDoubt(id, settlement) {
      const state = settlement.outcome === "sent" ? "sent" : "pending";
      const doubtful = { _id: id, state: "inDoubt", attempt: settlement.attempt };
      return await records.move(doubtful, { state, settlement }) === 1;
    },
    async markBounced(id, bounce) {
      const left = { $in: ["sending", "sent", "deferred", "inDoubt"] };
      const set = { state: "bounced", bouncedAt: new Date(wall()), bounce: { ...bounce } };
      return await records.move({ _id: id, state: left, attempt: { $gt: 0 } }, set) === 1;
    },
    cancelPending(subject) {
      return records.move({ subject, state: { $in: ["pending", "deferred"] } }, { state: "cancelled" });
    }
  };
}
function jobsOf(drafts, { key, domain }) {
  const known = /* @__PURE__ */ new Map();
  const byDraft = drafts.map((draft) => {
    const { subject, kind, sequence, recipient } = identityOf(draft);
    const id = messageId(key, [subject, kind, sequence, recipient], domain);
    const job = known.get(id) ?? { draft, id, again: false, attempt: 0 };
    known.set(id, job);
    return job;
  });
  return { jobs: [...known.values()], byDraft };
}
export {
  createOutbox
};
