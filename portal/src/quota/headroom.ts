import { compare, thousandths } from '../figures/decimal';

/** Below this share of the cap, in thousandths, what is left is little. */
const NARROW = 100;

/** How much room an area still has, in a word. */
export function room(headroom: string, cap: string): 'ample' | 'narrow' | 'none' {
  if (compare(headroom, '0') <= 0) return 'none';
  return thousandths(headroom, cap) < NARROW ? 'narrow' : 'ample';
}
