import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ProtocolError, ReplyScanner } from '../../../../src/worker/store/redis/reply-scanner.ts';

type Reply = { array: (string | null)[] } | { status: string } | { error: string };

const encode = (reply: Reply): Buffer => {
  if ('status' in reply) return Buffer.from(`+${reply.status}\r\n`, 'latin1');
  if ('error' in reply) return Buffer.from(`-${reply.error}\r\n`);
  const values = reply.array.map((value) => (value === null ? '$-1\r\n' : `$${value.length}\r\n${value}\r\n`));
  return Buffer.from(`*${reply.array.length}\r\n${values.join('')}`, 'latin1');
};

const collect = (): { scanner: ReplyScanner; replies: Reply[] } => {
  const replies: Reply[] = [];
  const scanner = new ReplyScanner({
    array: (bytes, places, count) => {
      const array = Array.from({ length: count }, (_, index) => {
        const start = places[2 * index] ?? -1;
        return start < 0 ? null : bytes.toString('latin1', start, places[2 * index + 1]);
      });
      replies.push({ array });
    },
    status: (status) => replies.push({ status }),
    error: (error) => replies.push({ error }),
  });
  return { scanner, replies };
};

const line = fc.string({ unit: fc.constantFrom('A', 'b', ' ', '1', '-', ':'), maxLength: 20 });
const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 });
const reply: fc.Arbitrary<Reply> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.option(bytes), { maxLength: 12 }).map((array) => ({ array })) },
  line.map((status) => ({ status })),
  line.map((error) => ({ error })),
);

describe('replies of Redis', () => {
  it('are found however the network cuts them', () => {
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (replies, cuts) => {
        const whole = Buffer.concat(replies.map(encode));
        const ends = [...new Set([...cuts.map((cut) => cut % (whole.length + 1)), whole.length])].sort((a, b) => a - b);
        const { scanner, replies: found } = collect();
        let start = 0;
        for (const end of ends) {
          // A copy that is destroyed afterwards: nothing may be read from an old chunk.
          const chunk = Buffer.from(whole.subarray(start, end));
          if (chunk.length > 0) scanner.feed(chunk);
          chunk.fill(0xff);
          start = end;
        }
        expect(found).toEqual(replies);
      }),
      { numRuns: 2000 },
    );
  });

  it('are found byte by byte', () => {
    const replies: Reply[] = [{ array: ['a', null, '', '\r\n$5\r\n'] }, { error: 'ERR no' }, { array: [] }, { status: 'OK' }];
    const { scanner, replies: found } = collect();
    for (const byte of Buffer.concat(replies.map(encode))) scanner.feed(Buffer.from([byte]));
    expect(found).toEqual(replies);
  });

  it('are taken in pieces without scanning the beginning again and again', () => {
    const large = encode({ array: Array<string>(200).fill('x'.repeat(50_000)) });
    const { scanner, replies } = collect();
    for (let start = 0; start < large.length; start += 1000) scanner.feed(large.subarray(start, start + 1000));
    expect(replies).toHaveLength(1);
  });

  it.each([
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    '$3\r\nabc\r\n',
    ':1\r\n',
    '*-1\r\n',
    '*x\r\n',
    '*1\r\n:5\r\n',
    '*1\r\n$-2\r\n',
    '*1\r\n$\r\n\r\n\r\n',
    '*1\r\n$1x\r\n',
    '*1\r\n$3\r\nabcd\r\n',
    '*1\r\n$99999999999999999999\r\n',
    '*99999999\r\n',
    '*1\r\n*1\r\n$1\r\na\r\n',
    `+${'x'.repeat(70_000)}`,
    '\u0000\u0000\u0000\u0000',
  ])('are not seen in %j', (text) => {
    expect(() => collect().scanner.feed(Buffer.from(text, 'latin1'))).toThrow(ProtocolError);
  });

  it('end in an error or in patience on any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, line, fc.constantFrom('*2\r\n', '$1\r\n', '$-1\r\n', '\r\n', '+OK\r\n'))), (parts) => {
        const { scanner } = collect();
        try {
          for (const part of parts) if (part !== '') scanner.feed(Buffer.from(part, 'latin1'));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
