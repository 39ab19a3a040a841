import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from 'antd';
import { AccessRows } from '../access/AccessRows';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { deskOf, hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { GiveConsent } from './GiveConsent';

type Consent = Schemas['Consent'];

function ConsentActs({ consent }: { consent: Consent }) {
  const { t } = useTranslation();
  const session = useSession();
  if (consent.state !== 'in_force') return null;
  if (hasRole(session, 'pledgee_officer')) {
    return (
      <Link to={`/pledges/apply?consent=${consent.id}`}>
        <Button size="small" tabIndex={-1}>
          {t('pledge.apply')}
        </Button>
      </Link>
    );
  }
  if (!hasRole(session, 'enterprise_trader')) return null;
  return (
    <Act
      label={t('consent.withdraw')}
      size="small"
      isDanger
      run={(_, key) =>
        call(
          api.POST('/api/v1/consents/{id}/withdraw', { params: { path: { id: consent.id } }, ...keyed(key), body: {} }),
        )
      }
    >
      {t('consent.withdrawLead')}
    </Act>
  );
}

/** Who has looked, at what and when. */
function Looks() {
  const { t } = useTranslation();
  const { items, ...list } = useList(['access-log'], (cursor) =>
    call(api.GET('/api/v1/access-log', { params: { query: { limit: 20, order: 'newest', ...at(cursor) } } })),
  );
  return (
    <Panel flush title={t('consent.looks')}>
      <AccessRows label={t('consent.looks')} rows={items} {...list} />
    </Panel>
  );
}

/** Consents given or received, and who has looked. */
export default function ConsentsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const isBank = session !== undefined && deskOf(session) === 'bank';
  const organisationName = useOrganisationName();
  const list = useList(['consents'], (cursor) =>
    call(api.GET('/api/v1/consents', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Consent>[] = [
    {
      key: 'party',
      title: isBank ? t('consent.giver') : t('consent.receiver'),
      cell: (one) => <b>{organisationName(isBank ? one.organisation : one.pledgee)}</b>,
    },
    {
      key: 'classes',
      title: t('consent.classes'),
      cell: (one) =>
        one.right_classes.map((code) => (
          <div key={code}>
            <RightClass code={code} />
          </div>
        )),
    },
    {
      key: 'given',
      title: t('consent.givenAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.given_at)}</span>,
    },
    {
      key: 'until',
      title: t('consent.until'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.valid_until}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
    { key: 'acts', title: t('act.name'), cell: (one) => <ConsentActs consent={one} /> },
  ];
  return (
    <>
      <PageHead
        title={isBank ? t('consent.received') : t('consent.title')}
        lead={isBank ? t('consent.receivedLead') : t('consent.lead')}
        actions={hasRole(session, 'enterprise_trader') && <GiveConsent />}
      />
      <div className="stack">
        <Panel flush title={t('consent.all')}>
          <Rows
            label={t('consent.all')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.id}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={
              <Nothing title={isBank ? t('consent.noneReceived') : t('consent.none')}>
                <p>{isBank ? t('consent.noneReceivedLead') : t('consent.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
        {hasRole(session, 'enterprise_trader', 'enterprise_approver') && <Looks />}
      </div>
    </>
  );
}
