import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { State } from '../ui/State';

/** How far a session has come; one that is closed waits for its bids to be opened. */
export function SessionState({ state }: { state: Schemas['Auction']['state'] }) {
  const { t } = useTranslation();
  return <State state={state} {...(state === 'closed' && { word: t('auction.toBeOpened') })} />;
}

/** How a registration stands; one that is released has won nothing. */
export function RegistrationState({ state }: { state: Schemas['AuctionRegistration']['state'] }) {
  const { t } = useTranslation();
  return <State state={state} {...(state === 'released' && { word: t('auction.notWon') })} />;
}
