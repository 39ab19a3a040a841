import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { at, useList } from '../api/list';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { PageHead } from '../ui/PageHead';
import { PlanSession } from './PlanSession';
import { SessionTable } from './SessionTable';

/** Sessions of bidding, for whoever may bid, and for the exchange, which plans them. */
export default function AuctionsPage() {
  const { t } = useTranslation();
  const isOfficer = hasRole(useSession(), 'exchange_officer');
  const list = useList(['auctions'], (cursor) =>
    call(api.GET('/api/v1/auctions', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  return (
    <>
      <PageHead title={t('auction.title')} lead={t('auction.lead')} actions={isOfficer && <PlanSession />} />
      <SessionTable list={list} below="/auctions" />
    </>
  );
}
