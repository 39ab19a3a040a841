import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { addressOf } from '../decisions/subjects';
import { minuteOf } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { useSession } from '../session/session';
import { deskPlaces, ownPlaces } from '../shell/places';
import { Act } from '../ui/Act';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { useSubject } from './subject';
import { TaskFacts } from './TaskFacts';
import { Line } from './told';

// An objection is upheld or dismissed, which is more than a yes or a no.
const AnswerActs = lazy(withWords('objections', () => import('../objections/AnswerActs')));
// Loaded where tasks are worked on: a corner of a page shows them alone.
const Claim = lazy(withWords('officials', () => import('./Claim')));

type Task = Schemas['Task'];

/** Pages on which what tasks are about stands among others, by the place of the desk that has them. */
const lists: Record<string, readonly string[]> = {
  offer: ['/offers'],
  facility: ['/facilities'],
  consent: ['/consents'],
  allocation_batch: ['/batches'],
  capacity: ['/capacities'],
  capacity_change: ['/capacities'],
  area_suspension: ['/capacities'],
  organisation: ['/organisations'],
};

/** Where whoever looks finds what a task is about; nowhere where their desk has no page of it. */
function useWay(task: Task): string | undefined {
  const session = useSession();
  // A version that waits is no thing yet: the rulebook shows what it would change.
  if (task.act === 'rulebook') return '/rulebook';
  const own = addressOf(task.subject_kind, task.subject);
  if (own !== undefined) return own;
  if (session === undefined) return undefined;
  if (task.subject_kind === 'organisation' && task.subject === session.me.organisation) return '/organisation';
  const places = [...deskPlaces(session), ...ownPlaces(session)].map((one) => one.path);
  return lists[task.subject_kind]?.find((one) => places.includes(one));
}

/** What is to be decided, in words, leading to what it is about, and in one line what that is. */
export function TaskName({ task }: { task: Task }) {
  const { t } = useTranslation();
  const way = useWay(task);
  const thing = useSubject(task);
  const name = t(`actOf.${task.act}`, { defaultValue: task.act });
  return (
    <>
      {way === undefined ? (
        <b>{name}</b>
      ) : (
        <Link to={way} className="underlined">
          {name}
        </Link>
      )}
      {task.subject_kind !== 'task' && (
        <small className="muted"> {t(`subjectKind.${task.subject_kind}`, { defaultValue: task.subject_kind })}</small>
      )}
      {task.escalated_at && (
        <>
          {' '}
          <State state="suspended" word={t('tasks.escalated')} />
        </>
      )}
      <br />
      <Line thing={thing} />
    </>
  );
}

const decide = (task: Task, outcome: 'approved' | 'refused') => (reason: string | undefined, key: string) =>
  call(
    api.POST('/api/v1/tasks/{id}/decide', {
      params: { path: { id: task.id } },
      ...keyed(key),
      body: { outcome, documents: [], ...(reason !== undefined && { reason }) },
    }),
  );

/** Yes and no on a task, each with its reason. */
export function Verdict({ task, mayClaim = false }: { task: Task; mayClaim?: boolean }) {
  const { t } = useTranslation();
  const user = useSession()?.me.user;
  const own = user === task.proposed_by;
  const isOthers = task.claimed_by !== null && task.claimed_by !== user;
  if (!['open', 'claimed'].includes(task.state)) return <State state={task.outcome ?? task.state} />;
  if (own && task.second_person) {
    return (
      <Act
        label={t('tasks.withdraw')}
        size="small"
        run={(_, key) =>
          call(api.POST('/api/v1/tasks/{id}/withdraw', { params: { path: { id: task.id } }, ...keyed(key) }))
        }
      >
        <p>{t('tasks.withdrawLead')}</p>
        <TaskFacts task={task} />
      </Act>
    );
  }
  const claim = (mayClaim || isOthers) && (
    <Suspense>
      <Claim task={task} />
    </Suspense>
  );
  // What somebody else has taken up is theirs to decide.
  if (isOthers) return <div className="actions">{claim}</div>;
  if (task.act === 'objection') {
    return (
      <div className="actions">
        <Suspense>
          <AnswerActs objection={task.subject} said={<TaskFacts task={task} />} />
        </Suspense>
        {claim}
      </div>
    );
  }
  return (
    <div className="actions">
      <Act label={t('tasks.approve')} kind="primary" size="small" reason="asked" run={decide(task, 'approved')}>
        <p>{t('tasks.approveLead')}</p>
        <TaskFacts task={task} />
      </Act>
      <Act label={t('tasks.refuse')} isDanger size="small" reason="needed" run={decide(task, 'refused')}>
        <p>{t('tasks.refuseLead')}</p>
        <TaskFacts task={task} />
      </Act>
      {claim}
    </div>
  );
}

interface TaskListProps {
  title: string;
  /** `decider` for what one may decide, `proposer` for what one has proposed. */
  as?: 'decider' | 'proposer';
  state?: string;
  /** Without the columns for which a corner of a page has no room. */
  brief?: boolean;
}

/** Tasks that wait, or that one has proposed. */
export function TaskList({ title, as = 'decider', state, brief = false }: TaskListProps) {
  const { t } = useTranslation();
  // What has waited longest is decided first; of what was proposed or decided the last comes first.
  const order = as === 'decider' && state === undefined ? 'oldest' : 'newest';
  const list = useList(['tasks', as, state], (cursor) =>
    call(
      api.GET('/api/v1/tasks', {
        params: { query: { as, order, limit: brief ? 5 : 25, ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  const more: Column<Task>[] = [
    {
      key: 'opened',
      title: t('tasks.openedAt'),
      cell: (task) => <span className="figures">{minuteOf(task.opened_at)}</span>,
    },
    {
      key: 'deadline',
      title: t('tasks.deadline'),
      cell: (task) => <span className="figures">{task.deadline ?? '—'}</span>,
    },
    {
      key: 'persons',
      title: t('tasks.second'),
      cell: (task) => (task.second_person ? t('tasks.secondPerson') : t('tasks.onePerson')),
    },
  ];
  const columns: Column<Task>[] = [
    { key: 'act', title: t('tasks.act'), cell: (task) => <TaskName task={task} /> },
    ...(brief ? [] : more),
    { key: 'verdict', title: t('tasks.verdict'), cell: (task) => <Verdict task={task} mayClaim={!brief} /> },
  ];
  return (
    <Panel flush title={title} {...(brief && { actions: <Link to="/tasks">{t('act.all')}</Link> })}>
      <Rows
        label={title}
        columns={columns}
        rows={list.items}
        rowKey={(task) => task.id}
        isLoading={list.isLoading}
        error={list.error}
        retry={list.retry}
        {...(!brief && { more: list.more, isLoadingMore: list.isLoadingMore })}
        empty={
          <Nothing title={t('tasks.none')}>
            <p>{t('tasks.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}
