import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { sum, thousandths } from '../figures/decimal';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { Tile } from '../ui/Tile';
import { OfferFacility } from './OfferFacility';

type Facility = Schemas['Facility'];
type Part = Schemas['FacilityPart'];

/** All parts of some facilities in four figures. */
function Figures({ facilities }: { facilities: readonly Facility[] }) {
  const { t } = useTranslation();
  const parts = facilities.flatMap((one) => one.parts);
  // What was declined, taken back or closed is no credit any more; what was drawn of it is still owed.
  const standing = parts.filter((one) => !one.ended_at);
  const total = (name: 'drawn' | 'left') => sum(parts.map((one) => one[name])) ?? '0.00';
  return (
    <div className="tiles">
      <Tile
        lead
        name={t('facility.total')}
        value={sum(standing.map((one) => one.sub_limit)) ?? '0.00'}
        unit="CNY"
        note={t('facility.parties', { count: standing.length })}
      />
      <Tile name={t('facility.drawn')} value={total('drawn')} unit="CNY" />
      <Tile name={t('facility.left')} value={total('left')} unit="CNY" />
      <Tile name={t('facility.states.offered')} value={String(parts.filter((one) => one.state === 'offered').length)} />
    </div>
  );
}

/** What an enterprise answers to the part that is offered to it. */
function Answers({ facility, part }: { facility: Facility; part: Part }) {
  const { t } = useTranslation();
  const path = { id: facility.id };
  return (
    <div className="actions">
      <Act
        label={t('facility.accept')}
        kind="primary"
        size="small"
        run={(_, key) =>
          call(api.POST('/api/v1/facilities/{id}/accept', { params: { path }, ...keyed(key), body: {} }))
        }
      >
        {t('facility.acceptLead')}{' '}
        <b>
          <Amount value={part.sub_limit} unit="CNY" />
        </b>
      </Act>
      <Act
        label={t('offer.decline')}
        size="small"
        isDanger
        run={(_, key) =>
          call(api.POST('/api/v1/facilities/{id}/decline', { params: { path }, ...keyed(key), body: {} }))
        }
      >
        {t('facility.declineLead')}
      </Act>
    </div>
  );
}

/** How far a part has come; the pledgee takes back what is not answered. */
function PartState({ facility, part }: { facility: Facility; part: Part }) {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const isLender = facility.pledgee === session?.me.organisation && hasRole(session, 'pledgee_officer');
  const sense = { offered: 'pending', closed: 'over' }[part.state as string] ?? part.state;
  return (
    <div className="actions">
      <State state={sense} word={t(`facility.states.${part.state}`, { defaultValue: part.state })} />
      {isLender && part.state === 'offered' && (
        <Act
          label={t('offer.withdraw')}
          size="small"
          isDanger
          run={(_, key) =>
            call(
              api.POST('/api/v1/facilities/{id}/withdraw', {
                params: { path: { id: facility.id } },
                ...keyed(key),
                body: { organisation: part.organisation },
              }),
            )
          }
        >
          {t('facility.withdrawLead', { name: organisationName(part.organisation) })}
        </Act>
      )}
    </div>
  );
}

/** When a facility was closed, or the button with which its pledgee closes it. */
function Closing({ facility }: { facility: Facility }) {
  const { t } = useTranslation();
  const session = useSession();
  if (facility.closed_at) return <>· {t('facility.closedAt', { at: minuteOf(facility.closed_at) })}</>;
  if (facility.pledgee !== session?.me.organisation || !hasRole(session, 'pledgee_officer')) return null;
  return (
    <Act
      label={t('facility.close')}
      size="small"
      isDanger
      run={(_, key) =>
        call(
          api.POST('/api/v1/facilities/{id}/close', { params: { path: { id: facility.id } }, ...keyed(key), body: {} }),
        )
      }
    >
      {t('facility.closeLead')}
    </Act>
  );
}

/** One facility with the part of each enterprise. */
function Parts({ facility }: { facility: Facility }) {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const mayAnswer = (part: Part) =>
    part.state === 'offered' && part.organisation === session?.me.organisation && hasRole(session, 'enterprise_trader');
  const columns: Column<Part>[] = [
    { key: 'enterprise', title: t('facility.enterprise'), cell: (one) => <b>{organisationName(one.organisation)}</b> },
    {
      key: 'use',
      title: t('facility.use'),
      cell: (one) => (
        <div className="bars" aria-hidden="true">
          <span className="pledged" style={{ width: `${thousandths(one.drawn, one.sub_limit) / 10}%` }} />
        </div>
      ),
      width: 180,
    },
    {
      key: 'limit',
      title: t('facility.limit'),
      isFigure: true,
      cell: (one) => <Amount value={one.sub_limit} unit="CNY" />,
    },
    {
      key: 'drawn',
      title: t('facility.drawn'),
      isFigure: true,
      cell: (one) => <Amount value={one.drawn} unit="CNY" />,
    },
    { key: 'left', title: t('facility.left'), isFigure: true, cell: (one) => <Amount value={one.left} unit="CNY" /> },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) =>
        mayAnswer(one) ? <Answers facility={facility} part={one} /> : <PartState facility={facility} part={one} />,
    },
  ];
  return (
    <Panel
      flush
      title={facility.name}
      actions={
        <span className="muted">
          {organisationName(facility.pledgee)} · <span className="figures">{minuteOf(facility.offered_at)}</span>{' '}
          <Closing facility={facility} />
        </span>
      }
    >
      <Rows
        label={facility.name}
        columns={columns}
        rows={facility.parts}
        rowKey={(one) => one.organisation}
        empty={<Nothing title={t('facility.none')} />}
      />
    </Panel>
  );
}

/** Every facility that whoever looks may see: their figures are of all of them, however many a page shows. */
const useFacilities = () =>
  useQuery({
    queryKey: ['facilities', 'all'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/facilities', { params: { query: { limit: 200, order: 'newest', ...at(cursor) } } })),
      ),
  });

/** How many facilities are shown at a time, each with the parts of its enterprises. */
const SHOWN = 20;

/** Credit that banks grant to enterprises, and what is drawn of it. */
export default function FacilitiesPage() {
  const { t } = useTranslation();
  const isBank = hasRole(useSession(), 'pledgee_officer');
  const query = useFacilities();
  const [shown, show] = useState(SHOWN);
  const facilities = query.data ?? [];
  return (
    <>
      <PageHead title={t('facility.title')} lead={t('facility.lead')} actions={isBank && <OfferFacility />} />
      <div className="stack">
        <Refusal error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading />}
        {facilities.length > 0 && <Figures facilities={facilities} />}
        {facilities.slice(0, shown).map((one) => (
          <Parts key={one.id} facility={one} />
        ))}
        {query.isSuccess && facilities.length === 0 && (
          <Panel>
            <Nothing title={t('facility.none')}>
              <p>{isBank ? t('facility.noneBank') : t('facility.noneEnterprise')}</p>
            </Nothing>
          </Panel>
        )}
        {shown < facilities.length && (
          <div className="more">
            <Button onClick={() => show(shown + SHOWN)}>{t('act.more')}</Button>
          </div>
        )}
      </div>
    </>
  );
}
