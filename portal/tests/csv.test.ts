import { describe, expect, it } from 'vitest';
import { csv } from '../src/figures/csv';

describe('a table for spreadsheets', () => {
  it('keeps commas, quotes and lines within their cells, and nothing for nothing', () => {
    expect(
      csv(
        ['名称', '理由'],
        [
          ['甲,乙', '他说"不"\n完'],
          [1, null],
        ],
      ),
    ).toBe('\uFEFF名称,理由\r\n"甲,乙","他说""不""\n完"\r\n1,\r\n');
  });

  it('tells a text that looks like a formula to be a text, and leaves negative figures as they are', () => {
    expect(csv(['a'], [['=1+1'], ['+86'], ['@x'], ['-x'], ['-8790.00']])).toBe(
      "\uFEFFa\r\n'=1+1\r\n'+86\r\n'@x\r\n'-x\r\n-8790.00\r\n",
    );
  });
});
