import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Verdict } from '../tasks/TaskList';
import { Panel } from '../ui/Panel';
import { appliesOn, proposedIn } from './changes';
import { ChangeTable } from './ChangeTable';
import { useRulebooks } from './useRulebooks';

/** Versions that wait for a second person, with what they change: whoever decides sees all of it. */
export function Proposals() {
  const { t } = useTranslation();
  const versions = useRulebooks().data ?? [];
  const { data } = useQuery({
    queryKey: ['tasks', 'rulebook'],
    queryFn: async () => {
      const ask = (as: 'decider' | 'proposer') =>
        call(api.GET('/api/v1/tasks', { params: { query: { as, act: 'rulebook', state: 'open', limit: 50 } } }));
      const [toDecide, own] = await Promise.all([ask('decider'), ask('proposer')]);
      return [...new Map([...toDecide.items, ...own.items].map((task) => [task.id, task])).values()];
    },
  });
  return data?.map((task) => {
    const proposed = proposedIn(task);
    if (proposed === undefined) return null;
    return (
      <Panel
        key={task.id}
        flush
        title={t('rulebook.proposed', { from: proposed.effective_from })}
        actions={
          <>
            <span className="muted figures">{minuteOf(task.opened_at)}</span>
            <Verdict task={task} />
          </>
        }
      >
        <ChangeTable changes={proposed.rules} before={appliesOn(versions, proposed.effective_from)?.rules ?? []} />
      </Panel>
    );
  });
}
