import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, describe, expect, it } from 'vitest';
import { smtpInTls } from '../../connect.ts';
import { type Listener, startListener } from '../../mail/listener.ts';

/** Self-signed, of a name that is nobody's; good for a hundred years and for nothing but this. */
const CERT = `-----BEGIN CERTIFICATE-----
MIIBrDCCAVOgAwIBAgIUEE+gXF4jVWhGEclcLl5PB59of2UwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRaW4uamlhbmR1LmV4YW1wbGUwIBcNMjYxMTI0MTAyNzE1WhgP
MjEyNjEwMzExMDI3MTVaMBwxGjAYBgNVBAMMEWluLmppYW5kdS5leGFtcGxlMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqypwJ+/QuMGJ7g7hcvPO6BORWCTF3vT4
k50HFeAZGSXRB55ANRSm47fWvwBmKd3VF3CbAQjGzKnMpusEf+RUcaNxMG8wHQYD
VR0OBBYEFGCbHnpV5ipYrW3gIm03mhKiRb/oMB8GA1UdIwQYMBaAFGCbHnpV5ipY
rW3gIm03mhKiRb/oMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRaW4uamlh
bmR1LmV4YW1wbGUwCgYIKoZIzj0EAwIDRwAwRAIgL1LUZ39Silh/WJSUfpSTr+bt
rz/SVQUdGRFcU8JWRzoCIFtKBX6MoKFysc7arnf7QHzC6PA87ApzJx9P3bTwTn5t
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7Vq7QcpI5C7zW2oY
OT4J7UUk7JlHZMlaaKdURSKV/q2hRANCAASrKnAn79C4wYnuDuFy887oE5FYJMXe
9PiTnQcV4BkZJdEHnkA1FKbjt9a/AGYp3dUXcJsBCMbMqcym6wR/5FRx
-----END PRIVATE KEY-----
`;

describe('Incoming mail over STARTTLS', () => {
  let listener: Listener | undefined;
  let folder = '';
  const stored: Buffer[] = [];
  afterEach(async () => {
    await listener?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
    stored.length = 0;
  });

  async function open(secured: boolean): Promise<number> {
    folder = await mkdtemp(path.join(tmpdir(), 'jiandu-tls-'));
    const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
    await Promise.all([writeFile(cert, CERT), writeFile(key, KEY)]);
    const tls = smtpInTls(secured ? { SMTP_IN_TLS_CERT: cert, SMTP_IN_TLS_KEY: key } : {});
    listener = await startListener({
      port: 0,
      host: '127.0.0.1',
      addresses: ['jiandu@jiandu.example'],
      ...(tls ? { tls } : {}),
      receive: async (raw) => void stored.push(raw),
    });
    return listener.port;
  }

  const send = async (port: number, options: Record<string, unknown>) => {
    const client = createTransport({ host: '127.0.0.1', port, secure: false, ...options });
    try {
      return await client.sendMail({
        from: 'jingban@maqiao.huantai.example',
        to: 'jiandu@jiandu.example',
        subject: '反馈',
        text: '已办理',
      });
    } finally {
      client.close();
    }
  };
  const trusting = { requireTLS: true, tls: { ca: CERT, servername: 'in.jiandu.example' } };

  it('With a certificate, a sender that insists on encryption hands its mail in', async () => {
    const port = await open(true);
    expect((await send(port, trusting)).response).toMatch(/^250/);
    expect(stored).toHaveLength(1);
    expect(stored[0]?.toString()).toContain('Subject:');
  });

  it('A sender that knows no encryption is still taken', async () => {
    const port = await open(true);
    expect((await send(port, { ignoreTLS: true })).response).toMatch(/^250/);
    expect(stored).toHaveLength(1);
  });

  it('Without a certificate it is plain, and a sender that insists is refused', async () => {
    const port = await open(false);
    await expect(send(port, trusting)).rejects.toThrow(/STARTTLS/);
    expect((await send(port, { ignoreTLS: true })).response).toMatch(/^250/);
  });

  it('A certificate without its key, or a file that is not there, is told at the start', () => {
    expect(() => smtpInTls({ SMTP_IN_TLS_CERT: 'cert.pem' })).toThrow(/SMTP_IN_TLS_KEY/);
    expect(() => smtpInTls({ SMTP_IN_TLS_CERT: '/none.pem', SMTP_IN_TLS_KEY: '/none.pem' })).toThrow(/none/);
  });
});
