import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useOrganisations } from '../parties/names';
import { usePart } from '../pledges/roles';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { FormAct } from '../ui/FormAct';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';

type Transfer = Schemas['ClaimTransfer'];

/** The pledgee names who is to have its claim. */
function ProposeTransfer({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const others = useOrganisations().data?.filter(
    (one) => ['bank', 'guarantor'].includes(one.kind) && one.state === 'verified' && one.id !== pledge.pledgee,
  );
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Schemas['ProposeClaimTransfer'], Transfer>
      label={t('claimTransfer.propose')}
      lead={t('claimTransfer.proposeLead')}
      size="small"
      fields={
        <>
          <Form.Item name="to" label={t('claimTransfer.to')} rules={needed}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              notFoundContent={t('claimTransfer.noOther')}
              options={others?.map((one) => ({ value: one.id, label: one.name })) ?? []}
            />
          </Form.Item>
          <Form.Item name="document" label={t('claimTransfer.document')} rules={needed}>
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
        </>
      }
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/transfers', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}

/** The answer of whoever is to have the claim, or its taking back. */
function TransferActs({ transfer }: { transfer: Transfer }) {
  const { t } = useTranslation();
  const session = useSession();
  const own = session?.me.organisation;
  const path = { params: { path: { id: transfer.id } } };
  if (transfer.state !== 'proposed' || !hasRole(session, 'pledgee_officer')) return null;
  return (
    <div className="actions gap">
      {transfer.to === own && (
        <>
          <Act
            label={t('claimTransfer.accept')}
            kind="primary"
            size="small"
            run={(_, key) =>
              call(api.POST('/api/v1/claim-transfers/{id}/accept', { ...path, ...keyed(key), body: {} }))
            }
          >
            {t('claimTransfer.acceptLead')} <b className="code">{transfer.number}</b>
          </Act>
          <Act
            label={t('claimTransfer.decline')}
            isDanger
            size="small"
            run={(_, key) =>
              call(api.POST('/api/v1/claim-transfers/{id}/decline', { ...path, ...keyed(key), body: {} }))
            }
          >
            {t('claimTransfer.declineLead')}
          </Act>
        </>
      )}
      {transfer.from === own && (
        <Act
          label={t('claimTransfer.withdraw')}
          isDanger
          size="small"
          run={(_, key) =>
            call(api.POST('/api/v1/claim-transfers/{id}/withdraw', { ...path, ...keyed(key), body: {} }))
          }
        >
          {t('claimTransfer.withdrawLead')}
        </Act>
      )}
    </div>
  );
}

/** The number of the pledge, as a link for whoever sees it: the new pledgee from the acceptance on, the former until then. */
function PledgeNumber({ transfer }: { transfer: Transfer }) {
  const own = useSession()?.me.organisation;
  const isOver = transfer.state === 'accepted';
  const isHidden = own === (isOver ? transfer.from : transfer.to);
  const number = <b className="code">{transfer.number}</b>;
  return isHidden ? number : <Link to={`/pledges/${transfer.pledge}`}>{number}</Link>;
}

function useColumns(): Column<Transfer>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  return [
    { key: 'number', title: t('pledge.number'), cell: (one) => <PledgeNumber transfer={one} /> },
    { key: 'pledgor', title: t('pledge.pledgor'), cell: (one) => organisationName(one.pledgor) },
    {
      key: 'parties',
      title: t('claimTransfer.parties'),
      cell: (one) => (
        <>
          {organisationName(one.from)} → {organisationName(one.to)}
        </>
      ),
    },
    { key: 'document', title: t('claimTransfer.document'), cell: (one) => one.document },
    {
      key: 'proposed',
      title: t('claimTransfer.proposedAt'),
      cell: (one) => <span className="figures">{minuteOf(one.proposed_at)}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} word={t(`claimTransfer.states.${one.state}`)} />
          <TransferActs transfer={one} />
        </>
      ),
    },
  ];
}

const useTransfers = (pledge?: string) =>
  useList(['claim-transfers', pledge], (cursor) =>
    call(
      api.GET('/api/v1/claim-transfers', {
        params: { query: { limit: 25, order: 'newest', ...(pledge !== undefined && { pledge }), ...at(cursor) } },
      }),
    ),
  );

/** Transfers of the claim that a pledge secures; its pledgee proposes another one. */
export function PledgeTransfers({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const columns = useColumns();
  const list = useTransfers(pledge.id);
  // What is drawn from a facility or shared stays where it is.
  const isFree = !pledge.facility && pledge.pledgees.length === 1 && !pledge.open_amendment;
  const mayPropose =
    isPledgee &&
    isFree &&
    ['registered', 'defaulted'].includes(pledge.state) &&
    !list.items.some((one) => one.state === 'proposed');
  return (
    <ListPanel
      title={t('claimTransfer.title')}
      list={list}
      columns={columns}
      {...(mayPropose && { actions: <ProposeTransfer pledge={pledge} /> })}
      none={t('claimTransfer.none')}
      noneLead={t('claimTransfer.noneLead')}
      brief
    />
  );
}

/** Claims that a bank hands over or is to have, whose pledges it may not see; nothing where there is none. */
export function OwnTransfers() {
  const { t } = useTranslation();
  const columns = useColumns();
  const list = useTransfers();
  if (list.items.length === 0) return null;
  return <ListPanel title={t('claimTransfer.title')} list={list} columns={columns} none={t('claimTransfer.none')} />;
}
