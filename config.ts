import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.enum(['on', 'off']);

/** Every variable the product reads; `.env.example` lists the same. */
const schema = z.object({
  /** MongoDB: a replica set or sharded cluster. */
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//),
  MONGODB_DATABASE: z.string().min(1).default('jiandu'),
  TEMPORAL_ADDRESS: z.string().min(1),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_API_KEY: z.string().optional(),
  /** PEM files for mTLS. */
  TEMPORAL_TLS_CERT: z.string().optional(),
  TEMPORAL_TLS_KEY: z.string().optional(),
  TEMPORAL_UI: z.url().optional(),
  /** Where the demo's clock and its five steps are; only the embedded default has them. */
  DEMO_DESK_URL: z.url().optional(),
  /** A bundle of the workflows made beforehand; without it each worker makes its own when it starts. */
  WORKFLOW_BUNDLE: z.string().min(1).optional(),
  /** `id:key` pairs, keys of 32 bytes in base64, separated by commas: the first encrypts what the engine keeps, all decrypt. */
  PAYLOAD_KEYS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((pair) => (pair.trim() === '' ? [] : [pair.trim()])))
    .pipe(z.array(z.string().regex(/^[\w-]{1,32}:[A-Za-z0-9+/]{43}=$/, '应为 名称:32字节的base64')))
    .transform((pairs) =>
      pairs.map((pair) => {
        const [id = '', key = ''] = pair.split(':');
        return { id, key: Buffer.from(key, 'base64') };
      }),
    ),
  SMTP_URL: z.string().regex(/^smtps?:\/\//),
  SMTP_CONNECTIONS: z.coerce.number().int().min(1).max(64).default(8),
  /** Mailbox that replies arrive in, imap(s)://user:password@host:port/INBOX. */
  IMAP_URL: z
    .string()
    .regex(/^imaps?:\/\//)
    .optional(),
  /** Mailbox the relay copies every accepted mail to: proof that a mail went. */
  ARCHIVE_IMAP_URL: z
    .string()
    .regex(/^imaps?:\/\//)
    .optional(),
  /** The embedded mailbox's own proof, instead of an archive mailbox. */
  ARCHIVE_HTTP_URL: z.url().optional(),
  /** Seconds: hard end of one attempt at a mail; lease and grace follow it. */
  MAIL_ATTEMPT_SECONDS: z.coerce.number().min(1).max(3_600).default(660),
  /** Mails per second that all workers share; 0 for as fast as the relay takes them. */
  MAIL_RATE: z.coerce.number().min(0).max(100_000).default(0),
  MAIL_DOMAIN: z.string().min(3),
  MAIL_FROM: z.email(),
  /** Whether a receipt mail follows each answer. */
  RECEIPT_MAILS: flag.default('on'),
  /** Incoming SMTP; 0 listens nowhere. */
  SMTP_IN_PORT: port.default(0),
  SMTP_IN_HOST: z.string().default('127.0.0.1'),
  /** PEM files of the certificate by which incoming SMTP offers STARTTLS; without both it is plain. */
  SMTP_IN_TLS_CERT: z.string().optional(),
  SMTP_IN_TLS_KEY: z.string().optional(),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  METRICS_PORT: port.default(0),
  /** Origin that the links in mails point to. */
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** 32 characters or more; keys of links, Message-IDs and sessions are derived from it. */
  SECRET_KEY: z.string().min(32),
  /** Keys that SECRET_KEY replaced, separated by commas: what was sealed under them still opens. */
  FORMER_SECRET_KEYS: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((key) => key.trim()))
    .pipe(z.array(z.string()))
    .transform((keys) => keys.filter((key) => key !== '')),
  /** Address at which the public complains by mail; tousu@MAIL_DOMAIN where it is not set. */
  COMPLAINT_ADDRESS: z.email().optional(),
  /** `embedded` for `npm start`; a production start refuses demo secrets. */
  JIANDU_MODE: z.enum(['production', 'embedded']).default('production'),
  OFFICE_NAME: z.string().min(1).default('桓台县司法局'),
  OFFICE_PERSON: z.string().min(1).default('行政执法监督科'),
  OFFICE_PHONE: z.string().min(1).default('0533-0000000'),
  /** The government whose head a decision carries. */
  GOVERNMENT_NAME: z.string().min(1).default('桓台县人民政府'),
  /** A Chromium that prints papers; the system's or the packaged one without it. */
  CHROMIUM_PATH: z.string().min(1).optional(),
  /** Folder of the office's own fonts, named as the faces they hold (仿宋_GB2312.ttf). */
  PAPER_FONTS: z.string().min(1).optional(),
  /** Proxies in front of the server whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Config = z.infer<typeof schema>;

export const VARIABLES: readonly string[] = Object.keys(schema.shape);

/** Reads the environment once; throws with every fault in one message. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  if (!result.success)
    throw new Error(
      `环境变量有误：\n${result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`).join('\n')}`,
    );
  const config = result.data;
  if (config.JIANDU_MODE === 'production' && /demo|change-?me|secret|example/i.test(config.SECRET_KEY))
    throw new Error(
      '环境变量有误：\n  SECRET_KEY: 演示用的密钥不能用于生产环境，请执行 openssl rand -hex 32 生成',
    );
  return config;
}
