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
]);
const waits = new Set([
  'proposed',
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
]);
const bad = new Set([
  'refused',
  'rejected',
  'failed',
  'expired',
  'cancelled',
  'suspended',
  'mismatch',
  'unreadable',
  'unknown',
  'replaced',
]);

/** What a state means to whoever reads it, beyond its word. */
function sense(state: string): string {
  if (good.has(state)) return 'good';
  if (waits.has(state)) return 'waits';
  return bad.has(state) ? 'bad' : 'over';
}

/** A state in the words of the portal. */
export function State({ state }: { state: string }) {
  const { t } = useTranslation();
  return <span className={`state ${sense(state)}`}>{t(`state.${state}`, { defaultValue: state })}</span>;
}
