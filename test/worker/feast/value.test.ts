import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { valueToJson } from '../../../src/worker/feast/value.ts';

type Write = (writer: protobuf.Writer) => protobuf.Writer;

const encode = (write: Write): Uint8Array => write(protobuf.Writer.create()).finish();

/** A list field: a message whose field 1 repeats. */
const list = (field: number, write: Write): Uint8Array => encode((writer) => write(writer.uint32((field << 3) | 2).fork()).ldelim());

describe('a stored value as JSON', () => {
  it.each<[string, Uint8Array, string]>([
    ['an empty message is null', new Uint8Array(), 'null'],
    ['null_val', encode((w) => w.uint32(19 << 3).int32(0)), 'null'],
    ['bytes as base64', encode((w) => w.uint32((1 << 3) | 2).bytes(Buffer.from([0, 255]))), '"AP8="'],
    ['a string with quotes and a control character', encode((w) => w.uint32((2 << 3) | 2).string('a"\n')), '"a\\"\\n"'],
    ['int32, negative', encode((w) => w.uint32(3 << 3).int32(-7)), '-7'],
    ['int64 beyond 2^53', encode((w) => w.uint32(4 << 3).int64('9007199254740993')), '9007199254740993'],
    ['the smallest int64', encode((w) => w.uint32(4 << 3).int64('-9223372036854775808')), '-9223372036854775808'],
    ['a double keeps its digits', encode((w) => w.uint32((5 << 3) | 1).double(0.1)), '0.1'],
    ['a whole double keeps its point', encode((w) => w.uint32((5 << 3) | 1).double(2)), '2.0'],
    ['a large double', encode((w) => w.uint32((5 << 3) | 1).double(1e300)), '1e+300'],
    ['a float is widened', encode((w) => w.uint32((6 << 3) | 5).float(0.1)), '0.10000000149011612'],
    ['NaN is null', encode((w) => w.uint32((5 << 3) | 1).double(NaN)), 'null'],
    ['infinity is null', encode((w) => w.uint32((6 << 3) | 5).float(-Infinity)), 'null'],
    ['a bool', encode((w) => w.uint32(7 << 3).bool(false)), 'false'],
    ['a timestamp in seconds', encode((w) => w.uint32(8 << 3).int64(1_785_585_600)), '1785585600'],
    ['a packed list of doubles', list(15, (w) => w.uint32(10).fork().double(1).double(NaN).ldelim()), '[1.0,null]'],
    ['an unpacked list of int64', list(14, (w) => w.uint32(8).int64(1).uint32(8).int64('9007199254740993')), '[1,9007199254740993]'],
    ['a list of strings', list(12, (w) => w.uint32(10).string('a').uint32(10).string('')), '["a",""]'],
    ['a list of bytes', list(11, (w) => w.uint32(10).bytes(Buffer.from('hi'))), '["aGk="]'],
    ['an empty list', list(16, (w) => w), '[]'],
    ['a set of bools', list(28, (w) => w.uint32(10).fork().bool(true).ldelim()), '[true]'],
    ['a uuid', encode((w) => w.uint32((36 << 3) | 2).string('u-1')), '"u-1"'],
    ['a map', list(20, (w) => w.uint32(10).fork().uint32(10).string('k').uint32(18).bytes(encode((v) => v.uint32(4 << 3).int64(5))).ldelim()), '{"k":5}'],
  ])('%s', (_name, stored, json) => {
    expect(valueToJson(stored)).toBe(json);
  });

  it('names a type that it does not serve', () => {
    expect(() => valueToJson(encode((w) => w.uint32((99 << 3) | 2).string('x')))).toThrow(/type number 99/);
  });

  it('keeps every int64 exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(valueToJson(encode((w) => w.uint32(4 << 3).int64(value.toString())))).toBe(value.toString());
      }),
    );
  });

  it('keeps every finite double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const json = valueToJson(encode((w) => w.uint32((5 << 3) | 1).double(value)));
        expect(JSON.parse(json)).toBe(value);
      }),
    );
  });

  it('throws an error, and nothing worse, on bytes that are no message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        try {
          valueToJson(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 500 },
    );
  });
});
