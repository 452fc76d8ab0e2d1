import { describe, expect, it } from 'vitest';
import { checkPassword } from '../../api/invitations.ts';

describe('A password', () => {
  it('Is long, and neither its account nor one key held down', () => {
    for (const weak of ['eleven char', 'aaaaaaaaaaaaaaaa', 'wang is my name', 'x'.repeat(201)])
      expect(() => checkPassword('wang', weak), weak).toThrow(
        expect.objectContaining({ code: 'password-weak', pointer: '/password' }),
      );
    expect(() => checkPassword('wang', '四个不相干的词语连在一起也行')).not.toThrow();
  });
});
