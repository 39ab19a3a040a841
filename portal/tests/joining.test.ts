import { expect, it } from 'vitest';
import { isCreditCode } from '../src/joining/creditCode';

it('a credit code has 18 letters of its alphabet and the right check digit', () => {
  for (const good of ['91421222MA0000001F', '91421222MA0000002J', '11421200MA0000900U', '91420100MA00009015'])
    expect(isCreditCode(good), good).toBe(true);
});

it('a credit code with one letter mistyped, missing or too many is none', () => {
  for (const bad of [
    '91421222MA0000001E',
    '91421222MA000001F',
    '91421222MA0000001F0',
    '91421222ma0000001f',
    'IOSVZ',
    '',
  ])
    expect(isCreditCode(bad), bad).toBe(false);
});
