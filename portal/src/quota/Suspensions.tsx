import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useAreaName } from '../parties/names';
import { useToday } from '../session/installation';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { useGoverned } from '../parties/governed';
import { Lift, Suspend, useMaySuspend, useReach } from './SuspensionActs';

type Suspension = Schemas['AreaSuspension'];

/** How a suspension stands on a day. */
function standing({ valid_from, lifted_from }: Suspension, today: string): 'coming' | 'standing' | 'over' {
  if (lifted_from !== null && lifted_from <= today) return 'over';
  return valid_from > today ? 'coming' : 'standing';
}

const senses = { coming: 'waiting', standing: 'suspended', over: 'over' };

function Standing({ suspension }: { suspension: Suspension }) {
  const { t } = useTranslation();
  const mayLift = useMaySuspend() && suspension.lifted_from === null;
  const today = useToday();
  if (today === undefined) return null;
  const word = standing(suspension, today);
  return (
    <div className="actions">
      <State state={senses[word]} word={t(`suspension.states.${word}`)} />
      {mayLift && <Lift suspension={suspension} />}
    </div>
  );
}

function useColumns(): Column<Suspension>[] {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const reach = useReach();
  const said = (document: string, text: string | null) => (
    <>
      {document}
      <br />
      <small className="muted">{text}</small>
    </>
  );
  return [
    {
      key: 'area',
      title: t('field.area'),
      cell: (one) => (
        <>
          <b>{areaName(one.area)}</b>
          <br />
          <small className="muted">{reach(one)}</small>
        </>
      ),
    },
    { key: 'ordered', title: t('suspension.ordered'), cell: (one) => said(one.document, one.reason) },
    {
      key: 'from',
      title: t('suspension.from'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.valid_from}</span>,
    },
    {
      key: 'lifted',
      title: t('suspension.lifted'),
      cell: (one) =>
        one.lift_document === null ? <span className="muted">—</span> : said(one.lift_document, one.lift_reason),
    },
    {
      key: 'until',
      title: t('suspension.until'),
      isFigure: true,
      cell: (one) => (
        <span className="figures" {...(one.lifted_at !== null && { title: minuteOf(one.lifted_at) })}>
          {one.lifted_from ?? '—'}
        </span>
      ),
    },
    { key: 'state', title: t('field.state'), cell: (one) => <Standing suspension={one} /> },
  ];
}

/** Areas that take in no more of a pollutant, and those that did; the province suspends and lifts. */
export default function Suspensions() {
  const { t } = useTranslation();
  const maySuspend = useMaySuspend();
  const { own } = useGoverned();
  const columns = useColumns();
  const list = useList(['area-suspensions'], (cursor) =>
    call(api.GET('/api/v1/area-suspensions', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  return (
    <ListPanel
      title={t('suspension.title')}
      list={list}
      columns={columns}
      {...(maySuspend && own !== undefined && { actions: <Suspend /> })}
      none={t('suspension.none')}
      noneLead={t('suspension.noneLead')}
    />
  );
}
