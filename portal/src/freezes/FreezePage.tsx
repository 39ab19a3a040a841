import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { subtract } from '../figures/decimal';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { FreezeState } from './columns';
import { Executions, Overruled } from './Executions';
import { FreezeActs } from './FreezeActs';
import { Line } from './Line';
import { useStock } from './stock';
import { StockFacts } from './StockFacts';

type Freeze = Schemas['Freeze'];

function Order({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  return (
    <Panel title={t('freeze.order')} actions={<FreezeState freeze={freeze} />}>
      <Facts
        facts={[
          [t('freeze.court'), freeze.court],
          [t('freeze.debtor'), `${organisationName(freeze.organisation)} · ${siteName(freeze.site)}`],
          [t('right.name'), <RightClass code={freeze.right_class} />],
          [t('freeze.quantity'), <Amount value={freeze.quantity} unit={freeze.unit} />],
          [t('freeze.taken'), <Amount value={freeze.taken} unit={freeze.unit} />],
          freeze.state === 'waiting' && [
            t('freeze.wanted'),
            <Amount value={subtract(freeze.quantity, freeze.taken)} unit={freeze.unit} />,
          ],
          [t('freeze.rank'), freeze.rank],
          [t('freeze.recordedAt'), minuteOf(freeze.recorded_at)],
          [t('freeze.until'), freeze.until ?? t('freeze.noUntil')],
        ]}
      />
    </Panel>
  );
}

/** How it ended: lifted, and why; or sold, to whom and at what price. */
function End({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  if (freeze.ended_at === null) return null;
  return (
    <Panel title={t(`freeze.states.${freeze.state}`)}>
      <Facts
        facts={[
          [t('freeze.endedAt'), minuteOf(freeze.ended_at)],
          freeze.cause !== null && [t('freeze.cause'), t(`freeze.causes.${freeze.cause}`)],
          freeze.ended_document !== null && [
            t(freeze.state === 'executed' ? 'freeze.executingDocument' : 'freeze.liftingDocument'),
            freeze.ended_document,
          ],
          freeze.buyer !== null && [
            t('freeze.buyerSite'),
            `${organisationName(freeze.buyer)} · ${siteName(freeze.buyer_site ?? '')}`,
          ],
          freeze.unit_price !== null && [
            t('field.unitPrice'),
            <Amount value={freeze.unit_price} unit={`CNY/${freeze.unit}`} />,
          ],
          freeze.state === 'executed' && [t('freeze.overruled'), <Overruled codes={freeze.warnings} />],
        ]}
      />
    </Panel>
  );
}

/** What binds the rights that the freeze lies on, for whoever may see it. */
function Bound({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  const position = useStock(freeze.site, freeze.right_class);
  if (position === undefined) return null;
  return (
    <Panel title={t('freeze.stock')}>
      <StockFacts position={position} />
    </Panel>
  );
}

/** One freeze: what the court has ordered, what it holds and waits for, and how it went on. */
export default function FreezePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const query = useQuery({
    queryKey: ['freeze', id],
    queryFn: () => call(api.GET('/api/v1/freezes/{id}', { params: { path: { id } } })),
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const freeze = query.data;
  return (
    <>
      <PageHead title={freeze.document} lead={t('freeze.one')} actions={<FreezeActs freeze={freeze} />} />
      <div className="stack">
        <Order freeze={freeze} />
        <End freeze={freeze} />
        <Bound freeze={freeze} />
        <Line freeze={freeze} />
        <Executions freeze={freeze} />
      </div>
    </>
  );
}
