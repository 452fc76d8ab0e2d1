import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import Handlebars from 'handlebars';
import mongoose from 'mongoose';
import { createTransport } from 'nodemailer';

/** What the application of a bare engine is started with. */
export interface AppSettings {
  readonly mongodb: string;
  readonly temporal: string;
  readonly smtpPort: number;
  /** Path of the workflow's bundle. */
  readonly bundle: string;
}

export interface AppQuestion {
  readonly want: 'dispatch' | 'answer';
  readonly name: string;
  readonly n: number;
}

/** Seconds that the work took, or why it failed. */
export type AppAnswer = { readonly seconds: number } | { readonly failed: string };

interface Task {
  readonly _id: string;
  readonly agency: string;
  readonly email: string;
  readonly state: 'open' | 'answered';
}

const GROUP = 100;
const CLIENTS = 16;
const TOLD_EVERY_MS = 100;
const QUEUE = 'engine-alone';
const KEY = 'engine alone';
const ITEMS = Array.from(
  { length: 18 },
  (_, i) =>
    `第${i + 1}项：核对行政执法主体、人员资格、裁量基准与执法全过程记录制度的落实情况，列明问题与整改期限。`,
);
const CELL = 'padding:6px 8px;border:1px solid #d9d9d9;vertical-align:top';
const render = Handlebars.compile(
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{title}}</title></head>
<body style="margin:0;background:#f5f5f5;font-family:'PingFang SC','Microsoft YaHei',sans-serif">
<h1 style="margin:0;font-size:20px">{{title}}</h1><p>{{agency}}：</p>
<p>根据《山东省行政执法监督条例》第二十一条，请于12月7日前完成自查，并通过下方链接提交结果。</p>
<p><a href="{{link}}" style="padding:10px 24px;background:#8c1c13;color:#fff">打开任务</a><br>{{link}}</p>
<table role="presentation" width="100%" style="border-collapse:collapse;font-size:14px">
{{#each items}}<tr><td style="${CELL}">{{@index}}</td><td style="${CELL}">{{this}}</td></tr>
{{/each}}</table><p>任务编号：{{id}}。</p></body></html>`,
  { strict: true, knownHelpersOnly: true },
);

const taskOf = (name: string, i: number): string => `${name}-${i}`;
const groupOf = (task: string): string => {
  const [name, i] = task.split('-');
  return `${name}/${Math.floor(Number(i) / GROUP)}`;
};

/** The shape that a campaign has without a product round it: a workflow for a hundred tasks, each answer one write, told together. */
async function start({ mongodb, temporal, smtpPort, bundle }: AppSettings) {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const writeConcern = { w: 'majority', journal: true } as const;
  const mongo = await new mongoose.mongo.MongoClient(mongodb, { writeConcern }).connect();
  const tasks = mongo.db('alone').collection<Task>('tasks');
  const pool = { pool: true, maxConnections: 8, maxMessages: Infinity, ignoreTLS: true } as const;
  const smtp = createTransport({ ...pool, host: '127.0.0.1', port: smtpPort });
  const connection = await Connection.connect({ address: temporal });
  const { workflow } = new Client({ connection });

  const send = async ({ _id: id, agency, email }: Task): Promise<void> => {
    const link = `http://127.0.0.1/t/${createHmac('sha256', KEY).update(id).digest('base64url')}`;
    const html = render({ id, agency, title: '安全生产执法专项监督', link, items: ITEMS });
    const letter = { from: 'jiandu@jiandu.example', to: email, subject: '请提交自查结果', html };
    // As the product's are; left to itself nodemailer writes half as many bytes more.
    await smtp.sendMail({ ...letter, textEncoding: 'base64' });
  };
  const mailed = { count: 0 };
  const sendBatch = async (ids: readonly string[]): Promise<void> => {
    const found = await tasks.find({ _id: { $in: [...ids] } }).toArray();
    const activity = Context.current();
    await Promise.all(found.map((one) => send(one).then(() => activity.heartbeat())));
    mailed.count += found.length;
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: temporal }),
    taskQueue: QUEUE,
    workflowBundle: { codePath: bundle },
    activities: { sendBatch },
    maxCachedWorkflows: 200,
  });
  const running = worker.run();

  /** Over when every batch is, as the product's is when every mail is written down. */
  const dispatch = async (name: string, n: number): Promise<void> => {
    const all = mailed.count + n;
    for (let first = 0; first < n; first += GROUP) {
      const page = Array.from({ length: Math.min(GROUP, n - first) }, (_, i): Task => {
        const id = taskOf(name, first + i);
        return {
          _id: id,
          agency: `第${first + i + 1}镇人民政府`,
          email: `jingban@${id}.example`,
          state: 'open',
        };
      });
      await tasks.insertMany(page);
      const ids = page.map((one) => one._id);
      const workflowId = groupOf(taskOf(name, first));
      await workflow.start('hundredTasks', { taskQueue: QUEUE, workflowId, args: [ids] });
    }
    while (mailed.count < all) await wait(10);
  };

  const answer = async (name: string, n: number): Promise<void> => {
    // Step by step over all groups, as people answer.
    const queue = Array.from({ length: n }, (_, i) => taskOf(name, (i * 617) % n));
    if (new Set(queue).size !== n) throw new Error(`${n} tasks cannot be walked in steps of 617`);
    const told = createTeller((group, ids) => workflow.getHandle(group).signal('answered', ids));
    const client = async (): Promise<void> => {
      for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
        const done = await tasks.updateOne({ _id: id, state: 'open' }, { $set: { state: 'answered' } });
        if (done.modifiedCount !== 1) throw new Error(`${id} was not open`);
        told.add(groupOf(id), id);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const groups = Array.from({ length: Math.ceil(n / GROUP) }, (_, i) => groupOf(taskOf(name, i * GROUP)));
    const counts = await Promise.all(
      groups.map((one) => workflow.getHandle(one).result() as Promise<number>),
    );
    told.stop();
    const known = counts.reduce((a, b) => a + b, 0);
    if (known !== n) throw new Error(`the workflows know ${known} answers of ${n}`);
  };

  const stop = async (): Promise<void> => {
    worker.shutdown();
    await Promise.race([running, wait(5_000)]);
  };
  return { dispatch, answer, stop };
}

/** Tells each group at most every 100 ms, and one thing at a time. */
function createTeller(tell: (group: string, ids: readonly string[]) => Promise<void>) {
  const pending = new Map<string, string[]>();
  const under = new Set<string>();
  const clock = setInterval(() => {
    for (const [group, ids] of pending) {
      if (under.has(group)) continue;
      pending.delete(group);
      under.add(group);
      void tell(group, ids).then(() => under.delete(group));
    }
  }, TOLD_EVERY_MS);
  return {
    add: (group: string, id: string) => void pending.set(group, [...(pending.get(group) ?? []), id]),
    stop: () => clearInterval(clock),
  };
}

const app = await start(JSON.parse(process.argv[2] ?? '') as AppSettings);
const say = (answer: AppAnswer | 'ready'): void => void process.send?.(answer);
process.on('message', ({ want, name, n }: AppQuestion) => {
  const began = performance.now();
  app[want](name, n).then(
    () => say({ seconds: (performance.now() - began) / 1_000 }),
    (error: unknown) => say({ failed: String(error) }),
  );
});
process.once('disconnect', () => void app.stop().finally(() => process.exit(0)));
say('ready');
