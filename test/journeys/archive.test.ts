import { type Server, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { httpArchive, imapArchive } from '../../mail/archive.ts';

/** Just enough of an IMAP server to search by Message-ID. */
function startImap(holds: readonly string[], search: 'OK' | 'NO' = 'OK'): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n').filter(Boolean))
        socket.write(answer(line, { holds, search }));
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function answer(line: string, { holds, search }: { holds: readonly string[]; search: string }): string {
  const [tag = '', first = '', second = ''] = line.split(' ');
  const command = first === 'UID' ? second : first;
  const untagged: Record<string, string> = {
    CAPABILITY: '* CAPABILITY IMAP4rev1\r\n',
    LIST: '* LIST (\\HasNoChildren) "/" "Archive"\r\n',
    EXAMINE: '* 3 EXISTS\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 9] ok\r\n',
    SEARCH: `* SEARCH${holds.some((id) => line.includes(`<${id}>`)) ? ' 7' : ''}\r\n`,
  };
  return `${untagged[command] ?? ''}${tag} ${command === 'SEARCH' ? search : 'OK'} ${command} done\r\n`;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function look(holds: readonly string[], later: readonly string[], search?: 'OK' | 'NO') {
  const server = await startImap(holds, search);
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  const archive = imapArchive({ url: `imap://u:p@127.0.0.1:${port}/Archive`, timeoutMs: 3000 });
  return archive.lookup('asked@mail.example', { began: new Date(), later: () => Promise.resolve(later) });
}

describe('the archive mailbox', () => {
  test('A copy is proof that the mail was accepted', async () => {
    expect(await look(['asked@mail.example'], [])).toBe('present');
  });

  test('No copy is proof only where the copy of a later mail has arrived', async () => {
    expect(await look(['later@mail.example'], ['newest@mail.example', 'later@mail.example'])).toBe('absent');
    expect(await look(['older@mail.example'], ['later@mail.example'])).toBe('unknown');
    expect(await look(['older@mail.example'], [])).toBe('unknown');
  });

  test('A failed search, a silent mailbox and a broken answer prove nothing', async () => {
    expect(await look(['later@mail.example'], ['later@mail.example'], 'NO')).toBe('unknown');
    const nobody = { began: new Date(), later: () => Promise.resolve([]) };
    expect(await imapArchive({ url: 'imap://u:p@127.0.0.1:1/', timeoutMs: 500 }).lookup('a@b', nobody)).toBe(
      'unknown',
    );
    expect(await httpArchive('http://127.0.0.1:1/').lookup('a@b', nobody)).toBe('unknown');
    expect(await httpArchive('data:application/json,{}').lookup('a@b', nobody)).toBe('unknown');
  });
});
