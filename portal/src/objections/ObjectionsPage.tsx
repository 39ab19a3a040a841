import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call } from '../api/client';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { Facts } from '../ui/Facts';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { About, Answer, ObjectionList } from './ObjectionList';

/** The one objection that a task or a decision leads to. */
function Named({ id }: { id: string }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const found = useQuery({
    queryKey: ['objections', 'one', id],
    queryFn: () => call(api.GET('/api/v1/objections/{id}', { params: { path: { id } } })),
  });
  const one = found.data;
  if (one === undefined) return <Refusal error={found.error} retry={() => void found.refetch()} />;
  return (
    <Panel title={organisationName(one.organisation)}>
      <Facts
        wide
        facts={[
          [t('objection.about'), <About objection={one} />],
          [t('objection.text'), one.text],
          [t('objection.raisedAt'), <span className="figures">{minuteOf(one.raised_at)}</span>],
          [t('objection.answerBy'), <span className="figures">{one.answer_by ?? '—'}</span>],
          [t('objection.answer'), <Answer objection={one} />],
          one.answered_at !== null && [
            t('objection.answeredAt'),
            <span className="figures">{minuteOf(one.answered_at)}</span>,
          ],
          one.answered_at !== null && [t('reduction.documents'), <Evidence subject={one.id} />],
        ]}
      />
    </Panel>
  );
}

/** Objections to what is laid open, and their answers. */
export default function ObjectionsPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  return (
    <>
      <PageHead
        title={t('objection.title')}
        lead={t('objection.lead')}
        actions={
          <Link to="/public/announcements">
            <Button tabIndex={-1}>{t('objection.toLaidOpen')}</Button>
          </Link>
        }
      />
      <div className="stack">
        {id !== undefined && <Named id={id} />}
        <ObjectionList />
      </div>
    </>
  );
}
