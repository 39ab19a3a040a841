import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { type Session, useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { BidForm } from './BidForm';
import { LotPanel } from './LotPanel';
import { RegisterForm } from './RegisterForm';
import { Bids, Results, SessionFacts } from './SessionParts';
import { type Lasting, useLive } from './useLive';

const running = ['announced', 'open', 'final'];

/** Everything of one session. */
function useAuction(id: string) {
  const path = { id };
  const auction = useQuery({
    queryKey: ['auction', id, 'itself'],
    queryFn: () => call(api.GET('/api/v1/auctions/{id}', { params: { path } })),
  });
  const pages = { limit: 200 };
  const lots = useQuery({
    queryKey: ['auction', id, 'lots'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions/{id}/lots', { params: { path, query: { ...pages, ...at(cursor) } } })),
      ),
  });
  const registrations = useQuery({
    queryKey: ['auction', id, 'registrations'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions/{id}/registrations', { params: { path, query: { ...pages, ...at(cursor) } } })),
      ),
  });
  const isRanked = ['ranked', 'confirmed', 'settled'].includes(auction.data?.state ?? '');
  const results = useQuery({
    queryKey: ['auction', id, 'results'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions/{id}/results', { params: { path, query: { ...pages, ...at(cursor) } } })),
      ),
    enabled: isRanked,
  });
  return { auction, lots, registrations, results };
}

const useBids = (id: string, lot: string | undefined) =>
  useQuery({
    queryKey: ['auction', id, 'bids', lot],
    queryFn: () =>
      whole((cursor) =>
        call(
          api.GET('/api/v1/auctions/{id}/bids', {
            params: { path: { id }, query: { lot: lot ?? '', limit: 200, ...at(cursor) } },
          }),
        ),
      ),
    enabled: lot !== undefined,
  });

interface PartProps {
  lot: Schemas['AuctionLot'];
  live: Lasting | undefined;
  registrations: readonly Schemas['AuctionRegistration'][];
  session: Session | undefined;
}

/** What an enterprise does here: register, wait to be let in, bid. */
function OwnPart({ lot, live, registrations, session }: PartProps) {
  const { t } = useTranslation();
  const own = registrations.find(
    (one) => one.lot === lot.id && one.organisation === session?.me.organisation && one.state !== 'withdrawn',
  );
  if (!hasRole(session, 'enterprise_trader') || lot.seller === session?.me.organisation) return null;
  if (own === undefined)
    return live === undefined || live.phase === 'before' ? (
      <RegisterForm lot={lot} />
    ) : (
      <div className="notice calm">{t('auction.tooLate')}</div>
    );
  if (own.state !== 'qualified') {
    return (
      <Panel title={t('auction.registration')} actions={<State state={own.state} />}>
        <p>{t('auction.registrationLead', { number: own.number })}</p>
        <p>
          {t('preview.deposit')} <Amount value={own.deposit} unit="CNY" />
        </p>
      </Panel>
    );
  }
  return <BidForm lot={lot} registration={own} isOpen={live?.phase === 'bidding' || live?.phase === 'timed'} />;
}

/** Who has registered, for the exchange, which lets them in. */
function Registrations({ registrations }: { registrations: readonly Schemas['AuctionRegistration'][] }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const columns: Column<Schemas['AuctionRegistration']>[] = [
    {
      key: 'number',
      title: t('auction.bidder'),
      cell: (one) => `${t('auction.bidderNumber', { number: one.number })} · ${organisationName(one.organisation)}`,
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'deposit',
      title: t('preview.deposit'),
      isFigure: true,
      cell: (one) => <Amount value={one.deposit} unit="CNY" />,
    },
    {
      key: 'acts',
      title: t('field.state'),
      cell: (one) =>
        one.state === 'registered' ? (
          <Act
            label={t('auction.qualify')}
            size="small"
            kind="primary"
            run={(_, key) =>
              call(
                api.POST('/api/v1/auction-registrations/{id}/qualify', {
                  params: { path: { id: one.id } },
                  ...keyed(key),
                  body: {},
                }),
              )
            }
          >
            {t('auction.qualifyLead')}
          </Act>
        ) : (
          <State state={one.state} />
        ),
    },
  ];
  return (
    <Panel flush title={t('auction.registrations')}>
      <Rows
        label={t('auction.registrations')}
        columns={columns}
        rows={registrations}
        rowKey={(one) => one.id}
        empty={<Nothing title={t('auction.noRegistrations')} />}
      />
    </Panel>
  );
}

/** A session of bidding as it goes on: the time that is left, the bids as they arrive, and one's own. */
export default function AuctionPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const session = useSession();
  const organisationName = useOrganisationName();
  const { auction, lots, registrations, results } = useAuction(id);
  const live = useLive(id, running.includes(auction.data?.state ?? ''));
  const [chosen, choose] = useState<string>();
  const lot = lots.data?.find((one) => one.id === chosen) ?? lots.data?.[0];
  const bids = useBids(id, lot?.id);
  if (auction.error) return <Refusal error={auction.error} retry={() => void auction.refetch()} />;
  if (auction.data === undefined || lots.data === undefined) return <Loading />;
  const now = lot && live?.lots.get(lot.id);
  const own = registrations.data?.find(
    (one) => one.lot === lot?.id && one.organisation === session?.me.organisation,
  )?.number;
  const shown = { ...auction.data, state: live?.state ?? auction.data.state };
  return (
    <>
      <PageHead
        title={auction.data.title}
        lead={t(`auction.formats.${auction.data.format}`)}
        actions={
          lots.data.length > 1 && (
            <Select
              aria-label={t('auction.lot')}
              style={{ width: 220 }}
              {...(lot && { value: lot.id })}
              onChange={choose}
              options={lots.data.map((one) => ({
                value: one.id,
                label: t('auction.lotNumber', { number: one.number }),
              }))}
            />
          )
        }
      />
      <div className="stack">
        {lot === undefined ? (
          <Nothing title={t('auction.noLots')} />
        ) : (
          <div className="two">
            <div className="stack">
              <LotPanel lot={lot} live={now} seller={organisationName(lot.seller)} />
              <Results
                awards={results.data?.filter((one) => one.lot === lot.id) ?? []}
                unit={lot.unit}
                name={organisationName}
              />
              <Bids
                bids={bids.data ?? []}
                unit={lot.unit}
                isLoading={bids.isPending}
                error={bids.error}
                own={own}
                name={organisationName}
              />
            </div>
            <div className="stack">
              <OwnPart key={lot.id} lot={lot} live={now} registrations={registrations.data ?? []} session={session} />
              <SessionFacts auction={shown} />
            </div>
          </div>
        )}
        {hasRole(session, 'exchange_officer') && <Registrations registrations={registrations.data ?? []} />}
      </div>
    </>
  );
}
