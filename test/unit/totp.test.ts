import { describe, expect, test } from 'vitest';
import { base32, codeAt, stepAt, stepOf } from '../../api/totp.ts';
import { browserWords } from '../../api/browser-words.ts';

const SECRET = Buffer.from('12345678901234567890', 'ascii');

describe('A code from an app', () => {
  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %i seconds is the one that RFC 6238 prints', (seconds, code) => {
    expect(codeAt(SECRET, stepAt(seconds * 1_000), 8)).toBe(code);
  });

  test('belongs to its half minute or to a neighbour, and to no other', () => {
    const now = 1_796_083_200_000;
    for (const off of [-1, 0, 1])
      expect(stepOf(SECRET, codeAt(SECRET, stepAt(now) + off), now)).toBe(stepAt(now) + off);
    for (const off of [-2, 2]) expect(stepOf(SECRET, codeAt(SECRET, stepAt(now) + off), now)).toBeUndefined();
    for (const wrong of ['', '12345', '1234567', 'abcdef', '12 456'])
      expect(stepOf(SECRET, wrong, now)).toBeUndefined();
  });

  test.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('needs a key to type: %j is %s, as RFC 4648 prints it', (text, typed) => {
    expect(base32(Buffer.from(text))).toBe(typed);
  });
});

describe('A browser', () => {
  test.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.72 Safari/537.36',
      'Chrome 90 · Windows',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
      'Safari 17 · iOS',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Safari/537.36 Edg/90.0',
      'Edge 90 · Windows',
    ],
    ['curl/8', ''],
  ])('%s is called %j', (agent, words) => {
    expect(browserWords(agent)).toBe(words);
  });
});
