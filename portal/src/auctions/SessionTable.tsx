import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import type { useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { SessionState } from './States';

type Auction = Schemas['Auction'];

interface SessionTableProps {
  list: ReturnType<typeof useList<Auction>>;
  /** Where the page of a session is. */
  below: string;
}

/** Sessions of bidding, with when they open and close. */
export function SessionTable({ list, below }: SessionTableProps) {
  const { t } = useTranslation();
  const columns: Column<Auction>[] = [
    {
      key: 'title',
      title: t('auction.session'),
      cell: (one) => (
        <Link to={`${below}/${one.id}`}>
          <b>{one.title || t('auction.session')}</b>
        </Link>
      ),
    },
    { key: 'format', title: t('auction.format'), cell: (one) => t(`auction.formats.${one.format}`) },
    {
      key: 'until',
      title: t('auction.registrationUntil'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.registration_until)}</span>,
    },
    {
      key: 'opens',
      title: t('auction.opensAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.opens_at)}</span>,
    },
    {
      key: 'closes',
      title: t('auction.closesAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.closes_at)}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <SessionState state={one.state} /> },
  ];
  return (
    <Panel flush>
      <Rows
        label={t('auction.title')}
        columns={columns}
        rows={list.items}
        rowKey={(one) => one.id}
        isLoading={list.isLoading}
        error={list.error}
        retry={list.retry}
        more={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={
          <Nothing title={t('auction.none')}>
            <p>{t('auction.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}
