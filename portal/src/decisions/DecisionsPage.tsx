import { Checkbox, Input, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { DecisionActs } from './DecisionActs';
import { addressOf } from './subjects';

type Decision = Schemas['Decision'];

const states = ['recorded', 'legal_review', 'reviewed', 'decided', 'published', 'withdrawn', 'dropped'] as const;

interface Filter {
  state?: string | undefined;
  outcome?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  isMajor: boolean;
  isOverdue: boolean;
}

/** What is asked for: what is chosen and nothing else. */
const asked = ({ state, outcome, from, to, isMajor, isOverdue }: Filter) => ({
  ...(state !== undefined && { state }),
  ...(outcome !== undefined && { outcome }),
  ...(from && { from }),
  ...(to && { to }),
  ...(isMajor && { major: true }),
  ...(isOverdue && { overdue: true }),
});

function Filters({ filter, choose }: { filter: Filter; choose: (filter: Filter) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <StateChoice
        states={states}
        word={(state) => t(`decision.states.${state}`)}
        value={filter.state}
        choose={(state) => choose({ ...filter, state })}
      />
      <Select
        allowClear
        placeholder={t('decision.anyOutcome')}
        aria-label={t('decision.outcome')}
        value={filter.outcome}
        onChange={(outcome) => choose({ ...filter, outcome })}
        style={{ width: 130 }}
        options={['approved', 'refused'].map((value) => ({ value, label: t(`decision.outcomes.${value}`) }))}
      />
      <Input
        type="date"
        aria-label={t('statements.from')}
        value={filter.from ?? ''}
        onChange={(event) => choose({ ...filter, from: event.target.value })}
        style={{ width: 150 }}
      />
      <Input
        type="date"
        aria-label={t('statements.to')}
        value={filter.to ?? ''}
        onChange={(event) => choose({ ...filter, to: event.target.value })}
        style={{ width: 150 }}
      />
      <Checkbox checked={filter.isMajor} onChange={(event) => choose({ ...filter, isMajor: event.target.checked })}>
        {t('decision.major')}
      </Checkbox>
      <Checkbox checked={filter.isOverdue} onChange={(event) => choose({ ...filter, isOverdue: event.target.checked })}>
        {t('decision.overdue')}
      </Checkbox>
    </>
  );
}

function Subject({ decision }: { decision: Decision }) {
  const { t } = useTranslation();
  const page = addressOf(decision.subject_kind, decision.subject);
  const name = t(`actOf.${decision.act}`, { defaultValue: decision.act });
  return (
    <>
      {page === undefined ? <b>{name}</b> : <Link to={page}>{name}</Link>}{' '}
      {decision.is_major && <State state="waiting" word={t('decision.major')} />}
      <br />
      <small className="muted figures">{minuteOf(decision.recorded_at)}</small>
    </>
  );
}

/** Why it was decided so, and what the reviewer said. */
function Reasons({ decision }: { decision: Decision }) {
  const { t } = useTranslation();
  return (
    <>
      {decision.reason ?? <span className="muted">—</span>}
      {decision.review && (
        <>
          <br />
          <small className="muted">
            {t(`decision.reviews.${decision.review.outcome}`)}
            {decision.review.opinion ? ` · ${decision.review.opinion}` : ''}
          </small>
        </>
      )}
      {decision.withdrawn && (
        <>
          <br />
          <small className="muted">
            {t('decision.withdrawnFor', { day: decision.withdrawn.changed_on })} · {decision.withdrawn.reason}
          </small>
        </>
      )}
    </>
  );
}

interface ListedProps {
  title: string;
  filter: Filter;
  actions?: ReactNode;
  noneLead?: string;
}

function Listed({ title, filter, ...rest }: ListedProps) {
  const { t } = useTranslation();
  const list = useList(['decisions', filter], (cursor) =>
    call(
      api.GET('/api/v1/decisions', {
        params: { query: { limit: 25, order: 'newest', ...asked(filter), ...at(cursor) } },
      }),
    ),
  );
  const columns: Column<Decision>[] = [
    { key: 'act', title: t('decision.what'), cell: (one) => <Subject decision={one} /> },
    {
      key: 'outcome',
      title: t('decision.outcome'),
      cell: (one) =>
        one.outcome ? (
          <>
            <State state={one.outcome} word={t(`decision.outcomes.${one.outcome}`)} />
            <br />
            <small className="muted figures">{one.decided_at && minuteOf(one.decided_at)}</small>
          </>
        ) : (
          '—'
        ),
    },
    { key: 'reason', title: t('field.reason'), cell: (one) => <Reasons decision={one} /> },
    {
      key: 'persons',
      title: t('tasks.second'),
      cell: (one) => (one.second_person ? t('decision.twoPersons') : t('tasks.onePerson')),
    },
    {
      key: 'publish',
      title: t('decision.publishBy'),
      isFigure: true,
      cell: (one) => (
        <span className="figures">
          {one.publish_by ?? '—'}
          {one.is_late && (
            <>
              <br />
              <small className="beyond">{t('decision.late')}</small>
            </>
          )}
        </span>
      ),
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.state} word={t(`decision.states.${one.state}`)} />,
    },
    { key: 'acts', title: t('act.name'), cell: (one) => <DecisionActs decision={one} /> },
  ];
  return <ListPanel title={title} list={list} columns={columns} none={t('decision.none')} {...rest} />;
}

const ANY: Filter = { isMajor: false, isOverdue: false };

/** Decision records: who proposed, reviewed and decided, why, and when it is published; before a reviewer those that wait for the review. */
export default function DecisionsPage() {
  const { t } = useTranslation();
  const [filter, choose] = useState<Filter>(ANY);
  const reviews = hasRole(useSession(), 'legal_reviewer');
  return (
    <>
      <PageHead title={t('decision.title')} lead={t('decision.lead')} />
      <div className="stack">
        {reviews && <Listed title={t('decision.toReview')} filter={{ ...ANY, state: 'legal_review' }} />}
        <Listed
          title={t('decision.all')}
          filter={filter}
          actions={<Filters filter={filter} choose={choose} />}
          noneLead={t('decision.noneLead')}
        />
      </div>
    </>
  );
}
