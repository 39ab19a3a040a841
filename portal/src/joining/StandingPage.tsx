import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call } from '../api/client';
import { session } from '../session/session';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';

/** How often it is asked whether the bureau has ruled. */
const EVERY_MILLISECONDS = 30_000;

/** How an organisation stands that does not take part yet: its administrator sees this and nothing else. */
export default function StandingPage() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['me'],
    queryFn: () => call(api.GET('/api/v1/me')),
    refetchInterval: EVERY_MILLISECONDS,
  });
  const me = query.data;
  const state = me?.organisation_state;
  useEffect(() => {
    // Verified: the pages of the desk are there from now on.
    if (state !== undefined) session.learn({ organisation_state: state });
  }, [state]);
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (me === undefined) return <Loading />;
  const isRefused = me.organisation_state === 'refused';
  return (
    <>
      <PageHead title={me.organisation_name} lead={t('joining.standingLead')} />
      <Panel
        title={t('joining.standing')}
        actions={
          <State state={isRefused ? 'refused' : 'waiting'} word={t(`organisation.states.${me.organisation_state}`)} />
        }
      >
        <div className="stack">
          <p>{t(isRefused ? 'joining.refusedLead' : 'joining.waitsLead')}</p>
          <Facts
            facts={[
              [t('joining.kind'), t(`organisation.kinds.${me.organisation_kind}`)],
              [t('joining.administrator'), `${me.name} · ${me.login}`],
              Boolean(me.organisation_reason) && ([t('field.reason'), me.organisation_reason] as const),
            ]}
          />
          <div className="actions">
            <Button loading={query.isFetching} onClick={() => void query.refetch()}>
              {t('joining.look')}
            </Button>
            {isRefused && <Link to="/public/apply">{t('joining.again')}</Link>}
          </div>
        </div>
      </Panel>
    </>
  );
}
