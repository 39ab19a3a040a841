import { Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { OfferPreview } from './OfferPreview';
import { useProjects } from './projects';
import { SellLink } from './SellLink';

type Offer = Schemas['Offer'];

const said = (reason: string | undefined) => (reason === undefined ? {} : { reason });

/** Accepting an offer: for which project, and what it would mean. */
function Accept({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const projects = useProjects(offer.buyer_site);
  const [project, choose] = useState<string>();
  const named = project ?? projects.data?.[0]?.id;
  return (
    <Act
      label={t('offer.accept')}
      kind="primary"
      size="small"
      run={(_, key) =>
        call(
          api.POST('/api/v1/offers/{id}/accept', {
            params: { path: { id: offer.id } },
            ...keyed(key),
            body: { project: named ?? '' },
          }),
        )
      }
      done={(answer) => void navigate('total' in answer ? `/trades/${answer.id}` : '/tasks')}
    >
      <div className="stack">
        <Form layout="vertical">
          <Form.Item label={t('market.project')}>
            <Select
              aria-label={t('market.project')}
              {...(named !== undefined && { value: named })}
              onChange={choose}
              options={projects.data?.map((one) => ({ value: one.id, label: `${one.number} · ${one.document}` })) ?? []}
            />
          </Form.Item>
        </Form>
        <OfferPreview offer={offer.id} project={named} />
      </div>
    </Act>
  );
}

function OfferActs({ offer }: { offer: Offer }) {
  const { t } = useTranslation();
  const session = useSession();
  const path = { params: { path: { id: offer.id } } };
  if (offer.state !== 'proposed' || !hasRole(session, 'enterprise_trader', 'reserve_trader'))
    return <State state={offer.state} />;
  if (offer.seller === session?.me.organisation) {
    return (
      <Act
        label={t('offer.withdraw')}
        size="small"
        reason="asked"
        run={(reason, key) =>
          call(api.POST('/api/v1/offers/{id}/withdraw', { ...path, ...keyed(key), body: said(reason) }))
        }
      >
        {t('offer.withdrawLead')}
      </Act>
    );
  }
  return (
    <div className="actions">
      <Accept offer={offer} />
      <Act
        label={t('offer.decline')}
        size="small"
        isDanger
        reason="asked"
        run={(reason, key) =>
          call(api.POST('/api/v1/offers/{id}/decline', { ...path, ...keyed(key), body: said(reason) }))
        }
      >
        {t('offer.declineLead')}
      </Act>
    </div>
  );
}

/** Offers to and from the organisation. */
export default function OffersPage() {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const list = useList(['offers'], (cursor) =>
    call(api.GET('/api/v1/offers', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Offer>[] = [
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    { key: 'seller', title: t('trade.seller'), cell: (one) => organisationName(one.seller) },
    { key: 'buyer', title: t('trade.buyer'), cell: (one) => organisationName(one.buyer) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'price',
      title: t('field.unitPrice'),
      isFigure: true,
      cell: (one) => <Amount value={one.unit_price} unit={`CNY/${one.unit}`} />,
    },
    { key: 'total', title: t('field.total'), isFigure: true, cell: (one) => <Amount value={one.total} unit="CNY" /> },
    {
      key: 'until',
      title: t('offer.until'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.valid_until ?? t('market.noEnd')}</span>,
    },
    { key: 'acts', title: t('field.state'), cell: (one) => <OfferActs offer={one} /> },
  ];
  return (
    <>
      <PageHead title={t('offer.title')} lead={t('offer.lead')} actions={<SellLink />} />
      <Panel flush>
        <Rows
          label={t('offer.title')}
          columns={columns}
          rows={list.items}
          rowKey={(one) => one.id}
          isLoading={list.isLoading}
          error={list.error}
          retry={list.retry}
          more={list.more}
          isLoadingMore={list.isLoadingMore}
          empty={
            <Nothing title={t('offer.none')}>
              <p>{t('offer.noneLead')}</p>
            </Nothing>
          }
        />
      </Panel>
    </>
  );
}
