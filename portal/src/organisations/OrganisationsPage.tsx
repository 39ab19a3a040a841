import { Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { OrganisationFields } from '../joining/OrganisationFields';
import { useAreaName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { OrganisationActs } from './OrganisationActs';

type Organisation = Schemas['Organisation'];

const STATES = ['applied', 'verified', 'suspended', 'refused'] as const;
const OFFICES = ['bureau', 'exchange', 'reserve', 'settlement_bank', 'auditor'] as const;
const KINDS = ['enterprise', 'bank', 'guarantor', ...OFFICES, 'operator'] as const;

/** How the states of organisations are coloured: one that is verified takes part. */
const senses: Record<string, string> = { verified: 'active', applied: 'waiting' };

interface Filter {
  state?: string | undefined;
  kind?: string | undefined;
  code?: string | undefined;
}

/** What is asked for: what is chosen and nothing else. */
const asked = ({ state, kind, code }: Filter) => ({
  ...(state !== undefined && { state }),
  ...(kind !== undefined && { kind }),
  ...(code !== undefined && { code }),
});

interface ListedProps {
  title: string;
  filter: Filter;
  hasActs: boolean;
  actions?: ReactNode;
  none: string;
}

/** An office is founded by the operator and stands at once. */
function Found() {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['RegisterOrganisation'], Organisation>
      label={t('officials.found')}
      lead={t('officials.foundLead')}
      fields={<OrganisationFields kinds={OFFICES} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/organisations', {
            ...keyed(key),
            body: given(body) as Schemas['RegisterOrganisation'],
          }),
        )
      }
    />
  );
}

function Filters({ filter, choose }: { filter: Filter; choose: (filter: Filter) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Input.Search
        allowClear
        aria-label={t('organisation.code')}
        placeholder={t('organisation.code')}
        onSearch={(code) => choose({ ...filter, code: code.trim().toUpperCase() || undefined })}
        style={{ width: 230 }}
      />
      <Select
        allowClear
        aria-label={t('field.kind')}
        placeholder={t('user.everyKind')}
        value={filter.kind}
        onChange={(kind) => choose({ ...filter, kind })}
        style={{ width: 170 }}
        options={KINDS.map((value) => ({ value, label: t(`organisation.kinds.${value}`) }))}
      />
      <StateChoice
        states={STATES}
        word={(state) => t(`organisation.states.${state}`)}
        value={filter.state}
        choose={(state) => choose({ ...filter, state })}
      />
    </>
  );
}

/** What is told of each; what may be done about it where that can be anything. */
function useColumns(hasActs: boolean): Column<Organisation>[] {
  const { t } = useTranslation();
  const areaName = useAreaName();
  return [
    {
      key: 'name',
      title: t('joining.name'),
      cell: (one) => (
        <>
          <b>{one.name}</b>
          <br />
          <small className="code muted">{one.code}</small>
        </>
      ),
    },
    {
      key: 'kind',
      title: t('joining.kind'),
      cell: (one) => (
        <>
          {t(`organisation.kinds.${one.kind}`)}
          {one.sector && (
            <>
              <br />
              <small className="muted">{t(`sector.${one.sector}`, { defaultValue: one.sector })}</small>
            </>
          )}
        </>
      ),
    },
    { key: 'area', title: t('field.area'), cell: (one) => areaName(one.area) },
    {
      key: 'registered',
      title: t('user.registeredAt'),
      cell: (one) => <span className="figures">{minuteOf(one.registered_at)}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={senses[one.state] ?? one.state} word={t(`organisation.states.${one.state}`)} />
          {one.reason && (
            <>
              <br />
              <small className="muted">{one.reason}</small>
            </>
          )}
        </>
      ),
    },
    ...(hasActs
      ? [{ key: 'acts', title: t('act.name'), cell: (one: Organisation) => <OrganisationActs organisation={one} /> }]
      : []),
  ];
}

function Listed({ title, filter, hasActs, ...rest }: ListedProps) {
  const columns = useColumns(hasActs);
  const list = useList(['organisations', 'listed', filter], (cursor) =>
    call(
      api.GET('/api/v1/organisations', {
        params: { query: { limit: 25, order: 'newest', ...asked(filter), ...at(cursor) } },
      }),
    ),
  );
  return <ListPanel title={title} list={list} columns={columns} {...rest} />;
}

/** Who takes part: a bureau verifies those of its areas that apply, its head suspends them, the operator founds and suspends offices. */
export default function OrganisationsPage() {
  const { t } = useTranslation();
  const [filter, choose] = useState<Filter>({});
  const session = useSession();
  return (
    <>
      <PageHead
        title={t('officials.organisations')}
        lead={t('officials.organisationsLead')}
        {...(hasRole(session, 'operator') && { actions: <Found /> })}
      />
      <div className="stack">
        {hasRole(session, 'bureau_officer', 'bureau_head') && (
          <Listed
            hasActs
            title={t('officials.toVerify')}
            filter={{ state: 'applied' }}
            none={t('officials.nobodyApplies')}
          />
        )}
        <Listed
          title={t('officials.all')}
          filter={filter}
          hasActs={hasRole(session, 'bureau_head', 'operator')}
          actions={<Filters filter={filter} choose={choose} />}
          none={t('officials.noOrganisation')}
        />
      </div>
    </>
  );
}
