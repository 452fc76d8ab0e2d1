import path from 'node:path';
import { entrance, writeAccess } from './access.ts';
import { playDemo, seedCounty } from './demo.ts';
import { type ClockChoice } from './demo-clock.ts';
import { startStack } from './stack.ts';

const say = (line: string): void => console.log(line);

/** `system`, or the seconds that a demo day takes; 60 unless told. */
function clockChoice(value = process.env['JIANDU_CLOCK'] ?? '60'): ClockChoice {
  if (value === 'system') return 'system';
  const seconds = Number(value);
  if (!Number.isFinite(seconds) || seconds <= 0 || seconds > 86_400)
    throw new Error(`JIANDU_CLOCK=${value}：应为 system，或演示一天的秒数（大于0）`);
  return seconds;
}

async function main(): Promise<void> {
  const began = Date.now();
  const dir = path.resolve(process.env['JIANDU_DATA'] ?? '.jiandu');
  const clock = clockChoice();
  const demo = process.env['JIANDU_DEMO'] !== 'off';
  let stop: (() => Promise<void>) | undefined;
  let asked = 0;
  /** npm passes on what the terminal has sent already: the same key press may come twice. */
  const onSignal = (): void => {
    asked += 1;
    if (asked === 1 && stop) void stop();
    else if (asked === 1) say('正在启动，启动完即停止');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  say(
    demo
      ? '行政执法监督台 · 演示模式（县数据为虚构联络人，邮件不外发）'
      : '行政执法监督台 · 内置模式（邮件不外发）',
  );
  const stack = await startStack({ dir, clock, say });
  await writeAccess(dir, stack);
  if (demo) await seedCounty(stack);
  const dayMs = clock === 'system' ? 86_400_000 : clock * 1_000;
  const robots = demo
    ? await playDemo(stack, { robots: process.env['JIANDU_ROBOTS'] !== 'off', dayMs })
    : undefined;
  say(
    await banner(stack, {
      demo,
      clock,
      seconds: Math.round((Date.now() - began) / 1_000),
      file: path.join(dir, 'access.json'),
    }),
  );
  stop = async () => {
    say('\n正在停止……');
    robots?.stop();
    await stack.stop();
    say(`已停止，数据保留在 ${dir}`);
    process.exit(0);
  };
  void Promise.race([stack.mongod.exited, stack.temporal.exited]).then(() => {
    say('✘ 数据库或流程引擎意外结束，日志在 ' + path.join(dir, 'logs') + '；请再次执行：npm start');
  });
  if (asked > 0) await stop();
}

async function banner(
  stack: Awaited<ReturnType<typeof startStack>>,
  shown: { demo: boolean; clock: ClockChoice; seconds: number; file: string },
): Promise<string> {
  const agencies = await stack.store.agencies.estimatedDocumentCount();
  const signIn = Object.entries(stack.secrets.passwords).map(([role, password]) => `${role} / ${password}`);
  return [
    '',
    `✔ 已就绪（${shown.seconds} 秒）  MongoDB ${stack.mongod.address}  Temporal ${stack.temporal.address}${shown.demo ? `  示例：桓台县 ${agencies} 个机关` : ''}`,
    `控制台    ${await entrance(stack, 'organizer')}`,
    `          登录：${signIn.join('　')}`,
    `邮箱      ${stack.mailboxUrl}/   （共 ${stack.mailbox.count()} 封，收件 SMTP 127.0.0.1:${stack.smtpIn}）`,
    `接口      ${stack.url}/docs/   令牌在 ${shown.file}`,
    `Temporal  ${stack.ui}`,
    shown.clock === 'system'
      ? '时钟      系统时间'
      : `时钟      演示：1天=${shown.clock}秒；快进：npm run demo:ff -- 3（天）`,
    '停止      Ctrl-C；再次 npm start 时数据都在',
    '',
  ].join('\n');
}

main().catch((error: unknown) => {
  console.error(`✘ ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
