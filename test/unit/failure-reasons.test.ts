import { describe, expect, test } from 'vitest';
import { failureReason } from '../../mail/failure-reasons.ts';

const zh = (said: string, status?: string) => failureReason(said, status)?.zh;

describe('Why a mail did not arrive is said in words', () => {
  test.each([
    // The enhanced status is surer than the words beside it.
    ['550 5.1.1 No such mailbox', '该邮箱地址不存在'],
    ['550-5.1.1 The account does not exist', '该邮箱地址不存在'],
    ['552 5.2.2 Over quota', '邮箱已满'],
    ['450 4.2.2 Mailbox full', '邮箱已满'],
    ['552 5.3.4 Message too big', '邮件超过对方的大小限制'],
    ['550 5.7.1 Message refused: user unknown to our policy', '对方邮件系统拒收'],
    ['451 4.4.1 No answer from host', '对方邮件系统无法连接'],
    ['550 5.1.2 Bad destination', '该邮箱的域名不存在或无法连接'],
    ['550 5.2.1 Mailbox off', '该邮箱已停用'],
    ['451 4.7.1 Please come back', '邮件服务器暂时不接收'],
    // Without it the words tell.
    ['550 User not found: li@slj.example', '该邮箱地址不存在'],
    ['Message size larger than allowed 1000', '邮件超过对方的大小限制'],
    ['554 Message is too large', '邮件超过对方的大小限制'],
    ['550 Blocked as spam', '对方邮件系统拒收'],
    ['450 Greylisted', '邮件服务器暂时不接收'],
    // And without either the reply code.
    ['550 No', '该邮箱不存在或不接收邮件'],
    ['552 No', '邮箱已满或邮件过大'],
    ['553 No', '该邮箱地址不存在'],
    ['554 No', '对方邮件系统拒收'],
    ['421 No', '邮件服务器暂时不接收'],
    ['535 No', '邮件服务器拒绝本系统登录'],
  ])('%s', (said, words) => expect(zh(said)).toBe(words));

  test.each([
    ['lease over', '发送进程停顿过久，本次未连接邮件服务器'],
    ['aborted', '发送进程停止，本次未发送'],
    ['deadline of the attempt', '本次发送超时'],
    ['connect ECONNREFUSED 5.1.1.1:25', '邮件服务器无法连接'],
    ['getaddrinfo ENOTFOUND mail.example', '邮件服务器无法连接'],
    ['Connection closed unexpectedly', '连接中断，未收到邮件服务器的答复'],
    ['self-signed certificate', '与邮件服务器的加密连接未能建立'],
    ['no bytes', '邮件内容未能生成或读取'],
  ])('what our own sender notes: %s', (said, words) => expect(zh(said)).toBe(words));

  test('what a bounce was read as is read the same again, by its words or by its status', () => {
    for (const status of ['5.1.1', '5.1.2', '5.2.1', '5.2.2', '5.3.4', '5.4.1', '5.7.1']) {
      const words = zh('', status) ?? '';
      expect([words, zh(`${words}。`)]).toEqual([words, words]);
      expect(failureReason(`${words}。`)?.en).toMatch(/^[A-Z][A-Za-z ]+$/);
    }
  });

  test('nothing is made up of what nobody knows', () => {
    for (const said of ['', '退信', '邮件被退回。', '5xx', '250 2.0.0 Ok', 'from 10.5.1.1 by 5.7.1.9'])
      expect(failureReason(said)).toBeUndefined();
  });
});
