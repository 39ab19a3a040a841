import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { at, useList } from '../api/list';
import { Progress } from '../operations/Progress';
import { useOperation } from '../operations/useOperation';
import { useOrganisationName, useSites } from '../parties/names';
import { usePollutantName } from '../parties/pollutants';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { Tile } from '../ui/Tile';
import { Mismatches } from './Mismatches';
import { RegisterPermit } from './RegisterPermit';

type Permit = Schemas['Permit'];

/** How a permit stands on a day: its renewal is asked for so many days before it ends. */
function standing({ valid_from, valid_to, renew_by }: Permit, today: string): keyof typeof senses {
  if (valid_to < today) return 'over';
  if (valid_from > today) return 'coming';
  return renew_by !== null && renew_by <= today ? 'due' : 'in_force';
}

const senses = { over: 'expired', coming: 'waiting', due: 'waiting', in_force: 'in_force' };

function Standing({ permit }: { permit: Permit }) {
  const { t } = useTranslation();
  const today = useToday();
  if (today === undefined) return null;
  const word = standing(permit, today);
  return <State state={senses[word]} word={t(`permit.states.${word}`)} />;
}

function useColumns(): Column<Permit>[] {
  const { t } = useTranslation();
  const sites = useSites().data;
  const organisationName = useOrganisationName();
  const pollutantName = usePollutantName();
  return [
    { key: 'number', title: t('permit.number'), cell: (one) => <span className="code">{one.number}</span> },
    {
      key: 'site',
      title: t('field.site'),
      cell: (one) => {
        const site = sites?.find((known) => known.id === one.site);
        return (
          <>
            <b>{site?.name ?? '…'}</b>
            <br />
            <small className="muted">{site && organisationName(site.organisation)}</small>
          </>
        );
      },
    },
    {
      key: 'quantities',
      title: t('permit.permitted'),
      cell: (one) => (
        <ul className="bare">
          {one.quantities.map((each) => (
            <li key={each.pollutant}>
              {pollutantName(each.pollutant)} <Amount value={each.quantity} unit={each.unit} />
            </li>
          ))}
        </ul>
      ),
    },
    {
      key: 'validity',
      title: t('permit.validity'),
      cell: (one) => (
        <>
          <span className="figures">{t('right.validity', { from: one.valid_from, to: one.valid_to })}</span>
          {one.renew_by !== null && (
            <>
              <br />
              <small className="muted">{t('permit.renewBy', { day: one.renew_by })}</small>
            </>
          )}
        </>
      ),
    },
    { key: 'state', title: t('field.state'), cell: (one) => <Standing permit={one} /> },
  ];
}

/** Every permit that one may see; those whose renewal is due alone, where that is chosen. */
function Permits() {
  const { t } = useTranslation();
  const [due, setDue] = useState<string>();
  const columns = useColumns();
  const list = useList(['permits', due], (cursor) =>
    call(
      api.GET('/api/v1/permits', {
        params: {
          query: { limit: 25, order: 'newest', ...(due !== undefined && { renewal_due: true }), ...at(cursor) },
        },
      }),
    ),
  );
  return (
    <ListPanel
      title={t('permit.all')}
      list={list}
      columns={columns}
      actions={<StateChoice states={['due']} word={() => t('permit.renewalDue')} value={due} choose={setDue} />}
      none={t('permit.none')}
      noneLead={t('permit.noneLead')}
    />
  );
}

/** What a comparison tells when it has ended. */
interface Compared {
  sites: number;
  open: number;
  new: number;
  ended: number;
}

/** How far a comparison has come, and what it found. */
function Comparison({ operation }: { operation: Schemas['Operation'] }) {
  const { t } = useTranslation();
  const found = operation.state === 'finished' ? (operation.result as unknown as Compared) : undefined;
  return (
    <Panel title={t('permit.comparison')}>
      <div className="stack">
        <Progress operation={operation} />
        {found !== undefined && (
          <div className="tiles" role="status">
            {(['sites', 'open', 'new', 'ended'] as const).map((name) => (
              <Tile key={name} name={t(`permit.found.${name}`)} value={String(found[name])} />
            ))}
          </div>
        )}
      </div>
    </Panel>
  );
}

/** Discharge permits beside rights: which there are, where both differ, and comparing them now. */
export default function PermitsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const isBureau = hasRole(session, 'bureau_officer', 'bureau_head');
  const command = useCommand((_: null, key) =>
    call(api.POST('/api/v1/permit-reconciliations', { ...keyed(key), body: {} })),
  );
  const operation = useOperation(command.data?.id);
  const isRunning = command.isPending || ['wanted', 'running'].includes(operation.data?.state ?? '');
  return (
    <>
      <PageHead
        title={t('place.permits')}
        lead={isBureau ? t('permit.lead') : t('permit.ownLead')}
        {...(isBureau && {
          actions: (
            <>
              <Button loading={isRunning} onClick={() => command.mutate(null)}>
                {t('permit.compare')}
              </Button>
              {hasRole(session, 'bureau_officer') && <RegisterPermit />}
            </>
          ),
        })}
      />
      <div className="stack">
        <Refusal error={command.error ?? operation.error} />
        {operation.data && <Comparison operation={operation.data} />}
        <Mismatches />
        <Permits />
      </div>
    </>
  );
}
