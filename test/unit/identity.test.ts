import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  identityIn,
  marksIn,
  maskContact,
  maskName,
  reachOf,
  withoutIdentity,
  withoutMarks,
} from '../../domain/identity.ts';

const han = fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code));
const name = fc.array(han, { minLength: 2, maxLength: 4 }).map((letters) => letters.join(''));
const phone = fc.integer({ min: 3_000_000_000, max: 9_999_999_999 }).map((n) => `1${n}`);
const contact = fc.oneof(
  phone,
  phone.map((n) => `zhang${n.slice(-4)}@mail.example`),
);

describe('An identity', () => {
  it.each([
    ['张三', '张**'],
    ['欧阳锋锐', '欧**'],
    ['𠮷田', '𠮷**'],
  ])('%s is shown as %s', (whole, mask) => expect(maskName(whole)).toBe(mask));

  it.each([
    ['13812345678', '138****5678'],
    ['+86 138-1234-5678', '861****5678'],
    ['zhang@mail.example', 'z***@mail.example'],
    ['110', '****'],
  ])('%s is shown as %s', (whole, mask) => expect(maskContact(whole)).toBe(mask));

  it('Is a mail address, a telephone number, or nothing that anybody can be reached by', () => {
    expect(
      ['a@b.cn', '0533-8210000', '１３８１２３４５６７８', '微信abc', '', undefined].map(reachOf),
    ).toEqual(['email', 'phone', 'phone', 'none', 'none', 'none']);
  });

  it('Taken out of a text is not in it any more, wherever and however it stood', () => {
    fc.assert(
      fc.property(
        name,
        contact,
        fc.array(fc.constantFrom('马桥镇', ' ', '\n', '12', '。')),
        (who, at, words) => {
          const text = `${words.join('')}${Array.from(who).join(' ')}${words.join('')}${at.toUpperCase()}，${who}${at}`;
          const identity = { name: who, contact: at };
          expect(identityIn(text, identity)).toBeDefined();
          expect(identityIn(withoutIdentity(text, identity), identity)).toBeUndefined();
        },
      ),
    );
  });

  it('Leaves a text without it as it was', () => {
    const text = '“马桥镇”（２０２６年）收费：１２元';
    expect(withoutIdentity(text, { name: '张三', contact: '13812345678' })).toBe(text);
  });

  it('Is taken out of what people write of themselves, and the complaint is left whole', () => {
    expect(
      withoutMarks(
        '投诉人反映马桥镇重复检查。联系人：王翠花 电话：137 0000-1111，370321199001011234，w@x.cn',
      ),
    ).toBe('投诉人反映马桥镇重复检查。联系人：某某 电话：***，***，***');
    expect(withoutMarks('罚款13812345678901元，文号〔2026〕1号')).toBe(
      '罚款13812345678901元，文号〔2026〕1号',
    );
    expect(marksIn('举报人：要求保密。我叫李四，13911112222')).toEqual([
      { contact: '13911112222' },
      { name: '李四' },
    ]);
  });
});
