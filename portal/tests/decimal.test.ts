import { describe, expect, it } from 'vitest';
import {
  add,
  compare,
  grouped,
  isDecimal,
  percentage,
  product,
  subtract,
  sum,
  thousandths,
} from '../src/figures/decimal';

/** Numbers from a seed, so that a failure is the same tomorrow. */
function* drawn(seed: bigint): Generator<bigint> {
  let state = seed;
  for (;;) {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    yield state >> 20n;
  }
}

const written = (units: bigint) => {
  const digits = units.toString().padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
};

describe('decimals', () => {
  it('are added without losing a gram, whatever their size', () => {
    const source = drawn(7n);
    for (let round = 0; round < 500; round += 1) {
      const [a, b] = [source.next().value as bigint, source.next().value as bigint];
      expect(add(written(a), written(b))).toBe(written(a + b));
      expect(subtract(written(a + b), written(b))).toBe(written(a));
    }
  });

  it('keep what a float would round', () => {
    expect(add('0.1', '0.2')).toBe('0.3');
    expect(add('90071992547409.930', '0.001')).toBe('90071992547409.931');
    expect(grouped('9007199254740993.125')).toBe('9,007,199,254,740,993.125');
  });

  it('are shown with groups, a true minus and all their places', () => {
    expect(grouped('-1234567.500')).toBe('−1,234,567.500');
    expect(grouped('0.000')).toBe('0.000');
    expect(grouped('not a figure')).toBe('not a figure');
  });

  it('are multiplied as the market rounds: half up to the fen, once', () => {
    expect(product('8790.00', '2.000')).toBe('17580.00');
    expect(product('75757.00', '0.066')).toBe('4999.96');
    expect(product('0.01', '0.5')).toBe('0.01');
    expect(product('0.01', '0.4')).toBe('0.00');
    expect(product('3', '4')).toBe('12.00');
  });

  it('compare and sum across places', () => {
    expect(compare('2.5', '2.500')).toBe(0);
    expect(compare('-0.001', '0')).toBe(-1);
    expect(sum(['1.5', '2', '0.125'])).toBe('3.625');
    expect(sum([])).toBeUndefined();
  });

  it('give a bar its length and nothing beyond it', () => {
    expect(thousandths('1', '3')).toBe(333);
    expect(thousandths('5', '3')).toBe(1000);
    expect(thousandths('-1', '3')).toBe(0);
    expect(thousandths('1', '0')).toBe(0);
  });

  it('are a percentage of another with one place, half up, also beyond the whole', () => {
    expect(percentage('1', '3')).toBe('33.3');
    expect(percentage('2', '3')).toBe('66.7');
    expect(percentage('0.0005', '1')).toBe('0.1');
    expect(percentage('0', '3.000')).toBe('0.0');
    expect(percentage('12.500', '10')).toBe('125.0');
    expect(percentage('1', '0.000')).toBeUndefined();
  });

  it('are told from what is none', () => {
    expect(isDecimal('12.500', 3)).toBe(true);
    for (const text of ['', '-1', '1e3', '1.', '.5', '1.2345', '1,000', '１２'])
      expect(isDecimal(text, 3), text).toBe(false);
  });
});
