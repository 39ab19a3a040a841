import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useAreaName } from '../parties/names';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { type CapOf, useMaySetCap } from './CapacityActs';

type Change = Schemas['CapacityChange'];

const states = ['waiting', 'effective', 'withdrawn'] as const;

/** Taking a change back before its day. */
function Withdraw({ change }: { change: Change }) {
  const { t } = useTranslation();
  return (
    <Act
      label={t('capacity.withdraw')}
      size="small"
      reason="needed"
      run={(reason, key) =>
        call(
          api.POST('/api/v1/capacity-changes/{id}/withdraw', {
            params: { path: { id: change.id } },
            ...keyed(key),
            body: { reason: reason ?? '' },
          }),
        )
      }
    >
      {t('capacity.withdrawLead')}
    </Act>
  );
}

/** How a change stands, and what may be done about it. */
function Standing({ change }: { change: Change }) {
  const { t } = useTranslation();
  const mayWithdraw = useMaySetCap(change.area) && change.state === 'waiting';
  return (
    <div className="actions">
      <State
        state={change.state === 'effective' ? 'active' : change.state}
        word={t(`capacity.changeStates.${change.state}`)}
      />
      {mayWithdraw && <Withdraw change={change} />}
    </div>
  );
}

function useColumns(isOfOne: boolean): Column<Change>[] {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const of: Column<Change> = {
    key: 'of',
    title: t('subjectKind.capacity'),
    cell: (one) => (
      <>
        <b>{areaName(one.area)}</b> · {t(`pollutant.${one.pollutant}`, { defaultValue: one.pollutant })}
      </>
    ),
  };
  return [
    ...(isOfOne ? [] : [of]),
    {
      key: 'document',
      title: t('field.document'),
      cell: (one) => (
        <>
          {one.document}
          <br />
          <small className="muted">
            {one.reason ?? t('capacity.plannedAt', { instant: minuteOf(one.planned_at) })}
          </small>
        </>
      ),
    },
    {
      key: 'from',
      title: t('capacity.validFrom'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.valid_from}</span>,
    },
    {
      key: 'cap',
      title: t('capacity.capThen'),
      isFigure: true,
      cell: (one) => <Amount value={one.cap} unit={one.unit} />,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <Standing change={one} /> },
  ];
}

/** Changes of caps: those that wait for their day, and those that took effect or were taken back; of one cap, or of all. */
export default function CapacityChanges({ area, pollutant }: CapOf) {
  const { t } = useTranslation();
  const isOfOne = pollutant !== undefined;
  const [state, setState] = useState<string | undefined>(isOfOne ? undefined : 'waiting');
  const columns = useColumns(isOfOne);
  const query = {
    limit: 25,
    order: 'newest',
    ...(isOfOne && area !== undefined && { area, pollutant }),
    ...(state !== undefined && { state }),
  };
  const list = useList(['capacity-changes', query], (cursor) =>
    call(api.GET('/api/v1/capacity-changes', { params: { query: { ...query, ...at(cursor) } } })),
  );
  return (
    <ListPanel
      title={t('capacity.changes')}
      list={list}
      columns={columns}
      actions={
        <StateChoice
          states={states}
          word={(one) => t(`capacity.changeStates.${one}`)}
          value={state}
          choose={setState}
        />
      }
      none={t('capacity.noChanges')}
      noneLead={t('capacity.noChangesLead')}
    />
  );
}
