import { useTranslation } from 'react-i18next';

const good = new Set([
  'active',
  'settled',
  'closed',
  'registered',
  'in_force',
  'accepted',
  'filled',
  'finished',
  'awarded',
  'won',
  'qualified',
  'approved',
  'valid',
  'current',
  'published',
  'live',
  'delivered',
  'sealed',
  'surplus',
  'carried_out',
]);
const waits = new Set([
  'proposed',
  'submitted',
  'correction_requested',
  'requested',
  'consented',
  'open',
  'claimed',
  'matched',
  'publicised',
  'applied',
  'verified',
  'agreed',
  'partly_filled',
  'running',
  'wanted',
  'final',
  'announced',
  'registered_bidder',
  'paid',
  'ranked',
  'confirmed',
  'offered',
  'pending',
  'waiting',
  'coming',
  'reported',
  'legal_review',
  'reviewed',
]);
const bad = new Set([
  'refused',
  'rejected',
  'failed',
  'expired',
  'forfeited',
  'cancelled',
  'suspended',
  'mismatch',
  'unreadable',
  'unknown',
  'replaced',
  'defaulted',
  'dead',
  'shortfall',
]);

/** What a state means to whoever reads it, beyond its word. */
function sense(state: string): string {
  if (good.has(state)) return 'good';
  if (waits.has(state)) return 'waits';
  return bad.has(state) ? 'bad' : 'over';
}

/** A state in the words of the portal; in one of its own where the same state is called otherwise elsewhere. */
export function State({ state, word }: { state: string; word?: string }) {
  const { t } = useTranslation();
  return <span className={`state ${sense(state)}`}>{word ?? t(`state.${state}`, { defaultValue: state })}</span>;
}
