import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, call } from '../api/client';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { RightActActs } from '../reserve/RightActs';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { State } from '../ui/State';
import ProposeActs from './ProposeActs';
import RightActList from './RightActList';

/** The one act that a task, a decision or a list leads to. */
function Named({ id }: { id: string }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const found = useQuery({
    queryKey: ['right-acts', id],
    queryFn: () => call(api.GET('/api/v1/right-acts/{id}', { params: { path: { id } } })),
  });
  const act = found.data;
  if (act === undefined) return <Refusal error={found.error} retry={() => void found.refetch()} />;
  const instant = (value: string) => <span className="figures">{minuteOf(value)}</span>;
  const amount = (value: string) => <Amount value={value} unit={act.unit} />;
  return (
    <Panel title={t(`rightAct.kinds.${act.kind}`)} actions={<RightActActs act={act} />}>
      <Facts
        wide
        facts={[
          [t('field.state'), <State state={act.state} word={t(`rightAct.states.${act.state}`)} />],
          [t('rightAct.whose'), `${organisationName(act.organisation)} · ${siteName(act.site)}`],
          [t('right.name'), <RightClass code={act.right_class} />],
          [t('field.quantity'), amount(act.quantity)],
          act.confirmed !== null && [t('tenure.confirmed'), amount(act.confirmed)],
          act.new_right_class !== null && [t('tenure.into'), <RightClass code={act.new_right_class} />],
          act.due_on !== null && [t('tenure.dueOn'), <span className="figures">{act.due_on}</span>],
          act.converted !== null && [t('tenure.converted'), amount(act.converted)],
          act.total !== null && [t('reserve.total'), <Amount value={act.total} unit="CNY" />],
          act.reserve_site !== null && [t('reserve.site'), siteName(act.reserve_site)],
          [t('rightAct.cause'), t(`rightAct.causes.${act.cause}`, { defaultValue: act.cause })],
          act.document !== null && [t('field.document'), act.document],
          [t('tenure.proposedAt'), instant(act.proposed_at)],
          act.decided_at !== null && [t('tenure.decidedAt'), instant(act.decided_at)],
          act.carried_out_at !== null && [t('tenure.carriedOutAt'), instant(act.carried_out_at)],
          act.reason !== null && [t('field.reason'), act.reason],
          act.decided_at !== null && [t('reduction.documents'), <Evidence subject={act.id} />],
        ]}
      />
    </Panel>
  );
}

/** What becomes of rights after they were granted: renewed, varied, given up, and everything else that is done to them. */
export default function RightActsPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  return (
    <>
      <PageHead title={t('rightAct.title')} lead={t('tenure.lead')} actions={<ProposeActs />} />
      <div className="stack">
        {id !== undefined && <Named id={id} />}
        <RightActList />
      </div>
    </>
  );
}
