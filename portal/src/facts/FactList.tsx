import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { useOrganisations } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { factKinds } from './kinds';
import { CorrectFact } from './RecordFact';
import { useTold, useWhom } from './told';

type Fact = Schemas['Fact'];

/** How a fact stands: it holds, it was corrected, or it says that another never was so. */
function Standing({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  if (fact.corrected_by !== null) return <State state="superseded" word={t('facts.corrected')} />;
  if (fact.content === null) return <State state="superseded" word={t('facts.annulled')} />;
  return <State state="in_force" word={t('facts.stands')} />;
}

function useColumns(): Column<Fact>[] {
  const { t } = useTranslation();
  const whom = useWhom();
  const told = useTold();
  const mayCorrect = hasRole(useSession(), 'bureau_officer');
  return [
    {
      key: 'whom',
      title: t('facts.whom'),
      cell: (one) => {
        const { name, of } = whom(one);
        return (
          <>
            <b>{name}</b>
            {of !== undefined && (
              <>
                <br />
                <small className="muted">{of}</small>
              </>
            )}
          </>
        );
      },
    },
    {
      key: 'kind',
      title: t('facts.kind'),
      cell: (one) => (
        <>
          {t(`facts.kinds.${one.kind}`, { defaultValue: one.kind })}
          <br />
          <small className="muted figures">{one.content === null ? t('facts.neverWas') : told(one.content)}</small>
        </>
      ),
    },
    {
      key: 'source',
      title: t('facts.source'),
      cell: (one) => (
        <>
          {one.source}
          {one.reason !== null && (
            <>
              <br />
              <small className="muted">{t('facts.because', { reason: one.reason })}</small>
            </>
          )}
        </>
      ),
    },
    {
      key: 'evidence',
      title: t('facts.documents'),
      cell: (one) => (one.document_hash === null ? '—' : <Evidence subject={one.id} />),
    },
    {
      key: 'recorded',
      title: t('facts.recordedAt'),
      cell: (one) => <span className="figures">{minuteOf(one.recorded_at)}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <Standing fact={one} /> },
    ...(mayCorrect
      ? [
          {
            key: 'acts',
            title: t('act.name'),
            cell: (one: Fact) => (one.corrected_by === null ? <CorrectFact fact={one} /> : '—'),
          },
        ]
      : []),
  ];
}

interface FactListProps {
  title: string;
  /** Whether an enterprise is chosen from many. */
  hasMany?: boolean;
}

/** Facts that whoever looks may see, those that were corrected among them. */
export function FactList({ title, hasMany = false }: FactListProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<string>();
  const [organisation, setOrganisation] = useState<string>();
  const enterprises = useOrganisations().data?.filter((one) => one.kind === 'enterprise') ?? [];
  const columns = useColumns();
  const list = useList(['facts', kind, organisation], (cursor) =>
    call(
      api.GET('/api/v1/facts', {
        params: {
          query: {
            limit: 25,
            order: 'newest',
            ...(kind !== undefined && { kind }),
            ...(organisation !== undefined && { organisation }),
            ...at(cursor),
          },
        },
      }),
    ),
  );
  return (
    <ListPanel
      title={title}
      list={list}
      columns={columns}
      actions={
        <>
          {hasMany && (
            <Select
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t('facts.anyEnterprise')}
              placeholder={t('facts.anyEnterprise')}
              value={organisation}
              onChange={setOrganisation}
              style={{ width: 220 }}
              options={enterprises.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
          <Select
            allowClear
            aria-label={t('facts.kind')}
            placeholder={t('facts.anyKind')}
            value={kind}
            onChange={setKind}
            style={{ width: 170 }}
            options={factKinds.map((value) => ({ value, label: t(`facts.kinds.${value}`) }))}
          />
        </>
      }
      none={t('facts.none')}
      noneLead={t('facts.noneLead')}
    />
  );
}
