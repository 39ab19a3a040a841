import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { positionsOf, type Position } from '../home/position';
import { useBalances } from '../home/useBalances';
import { useOrganisations } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { BindingBar, BindingKey } from '../ui/BindingBar';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { IdleRights } from './IdleRights';
import { ProposeOperation } from './ProposeOperation';
import { ReserveOperations } from './RightActs';

/** What a reserve holds, and what of it is offered. */
function Stock({ organisation, name }: { organisation: string; name: string }) {
  const { t } = useTranslation();
  const balances = useBalances(organisation);
  const positions = positionsOf(balances.data ?? []);
  const columns: Column<Position>[] = [
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.rightClass} /> },
    { key: 'bar', title: t('holdings.binding'), cell: (one) => <BindingBar position={one} />, width: 220 },
    {
      key: 'available',
      title: t('purpose.available'),
      isFigure: true,
      cell: (one) => <Amount value={one.available} unit={one.unit} />,
    },
    {
      key: 'committed',
      title: t('purpose.committed'),
      isFigure: true,
      cell: (one) => <Amount value={one.committed} unit={one.unit} />,
    },
    {
      key: 'held',
      title: t('holdings.held'),
      isFigure: true,
      cell: (one) => <Amount value={one.held} unit={one.unit} />,
    },
  ];
  return (
    <Panel flush title={name} actions={<BindingKey />}>
      <Rows
        label={name}
        columns={columns}
        rows={positions}
        rowKey={(one) => one.site + one.rightClass}
        isLoading={balances.isPending}
        error={balances.error}
        retry={() => void balances.refetch()}
        empty={<Nothing title={t('reserve.empty')} />}
      />
    </Panel>
  );
}

/** The desk of the government's reserve: what it holds, sets aside, buys and takes back, and sells. */
export default function ReservePage() {
  const { t } = useTranslation();
  const session = useSession();
  const isReserve = hasRole(session, 'reserve_trader');
  const isOfficer = hasRole(session, 'bureau_officer');
  const reserves =
    useOrganisations().data?.filter(
      (one) => one.kind === 'reserve' && (!isReserve || one.id === session?.me.organisation),
    ) ?? [];
  return (
    <>
      <PageHead
        title={t('reserve.title')}
        lead={t('reserve.lead')}
        actions={
          <>
            {(isReserve || isOfficer) && (
              <>
                <ProposeOperation kind="set_aside" isMain />
                <ProposeOperation kind="buy_back" />
              </>
            )}
            {isOfficer && <ProposeOperation kind="take_back" />}
            {isReserve && (
              <Link to="/market/sell">
                <Button tabIndex={-1}>{t('reserve.sell')}</Button>
              </Link>
            )}
          </>
        }
      />
      <div className="stack">
        {reserves.map((one) => (
          <Stock key={one.id} organisation={one.id} name={one.name} />
        ))}
        <ReserveOperations />
        <IdleRights />
      </div>
    </>
  );
}
