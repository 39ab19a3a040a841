import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { addressOf } from '../decisions/subjects';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { deskOf, hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import AnswerActs from './AnswerActs';

export type Objection = Schemas['Objection'];

/** Where one may stand. */
const states = ['raised', 'upheld', 'dismissed'];

/** What an objection is about, leading there where whoever looks may see it. */
export function About({ objection }: { objection: Objection }) {
  const { t } = useTranslation();
  const session = useSession();
  const organisationName = useOrganisationName();
  const parties = [objection.party, objection.counterparty].filter((one) => typeof one === 'string');
  const isOwn = session !== undefined && parties.includes(session.me.organisation);
  const isParticipant = session !== undefined && ['enterprise', 'reserve'].includes(deskOf(session));
  const kind = t(`subjectKind.${objection.subject_kind}`);
  const way =
    objection.subject_kind === 'allocation_batch' ? '/batches' : addressOf(objection.subject_kind, objection.subject);
  return (
    <>
      {way === undefined || (isParticipant && !isOwn) ? kind : <Link to={way}>{kind}</Link>}
      {parties.length > 0 && (
        <>
          <br />
          <small className="muted">{parties.map(organisationName).join(' → ')}</small>
        </>
      )}
    </>
  );
}

/** Where an objection stands, with the answer, or what is to be done about it. */
export function Answer({ objection }: { objection: Objection }) {
  const { t } = useTranslation();
  const mayAnswer = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  const { outcome } = objection;
  if (outcome === null) {
    if (mayAnswer) return <AnswerActs objection={objection.id} said={<p className="muted">{objection.text}</p>} />;
    return <State state="waiting" word={t('objection.waiting')} />;
  }
  return (
    <>
      <State state={outcome === 'upheld' ? 'refused' : outcome} word={t(`objection.outcomes.${outcome}`)} />
      <br />
      <small className="muted">{objection.answer}</small>
    </>
  );
}

function useColumns(isOfOne: boolean): Column<Objection>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const about: Column<Objection> = {
    key: 'about',
    title: t('objection.about'),
    cell: (one) => <About objection={one} />,
  };
  return [
    {
      key: 'who',
      title: t('objection.who'),
      cell: (one) => (
        <>
          <b>{organisationName(one.organisation)}</b>
          <br />
          <small className="muted figures">{minuteOf(one.raised_at)}</small>
        </>
      ),
    },
    ...(isOfOne ? [] : [about]),
    { key: 'text', title: t('objection.text'), cell: (one) => one.text },
    {
      key: 'by',
      title: t('objection.answerBy'),
      cell: (one) => <span className="figures">{one.answer_by ?? '—'}</span>,
    },
    { key: 'answer', title: t('objection.answer'), cell: (one) => <Answer objection={one} /> },
  ];
}

/** Objections that one has raised, that concern one's grants or trades, or that one's bureau answers; those to one thing where it is named. */
export function ObjectionList({ subject, actions }: { subject?: string; actions?: ReactNode }) {
  const { t } = useTranslation();
  const columns = useColumns(subject !== undefined);
  const [state, setState] = useState<string>();
  const query = {
    limit: 25,
    order: 'newest',
    ...(subject !== undefined && { subject }),
    ...(state !== undefined && { state }),
  };
  const list = useList(['objections', query], (cursor) =>
    call(api.GET('/api/v1/objections', { params: { query: { ...query, ...at(cursor) } } })),
  );
  return (
    <ListPanel
      title={t('objection.title')}
      list={list}
      columns={columns}
      actions={
        <>
          {subject === undefined && (
            <StateChoice
              states={states}
              word={(one) => (one === 'raised' ? t('objection.waiting') : t(`objection.outcomes.${one}`))}
              value={state}
              choose={setState}
            />
          )}
          {actions}
        </>
      }
      none={t('objection.none')}
      noneLead={t('objection.noneLead')}
    />
  );
}
