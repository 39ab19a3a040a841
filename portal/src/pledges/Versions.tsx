import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { compare, isZero } from '../figures/decimal';
import { minuteOf } from '../figures/instant';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { ProposeAmendment, ReleasePart } from './ChangeTerms';
import { usePart } from './roles';

type Pledge = Schemas['Pledge'];
type Amendment = Schemas['Amendment'];

/** Yes, no and taking back, on the change that waits. */
function AmendmentActs({ pledge, amendment }: { pledge: Pledge; amendment: Amendment }) {
  const { t } = useTranslation();
  const { own, isPledgee, isPledgor } = usePart(pledge);
  const hasAgreed = amendment.agreed.some((one) => one === own);
  const path = { params: { path: { id: pledge.id } } };
  if (amendment.state !== 'proposed') return null;
  return (
    <div className="actions">
      {isPledgor && (
        <>
          {!hasAgreed && (
            <Act
              label={t('terms.agree')}
              kind="primary"
              size="small"
              run={(_, key) =>
                call(api.POST('/api/v1/pledges/{id}/agree-amendment', { ...path, ...keyed(key), body: {} }))
              }
            >
              {t('terms.agreeLead')}{' '}
              <b>
                <Amount value={amendment.secured} unit="CNY" />
              </b>
            </Act>
          )}
          <Act
            label={t('tasks.refuse')}
            isDanger
            size="small"
            run={(_, key) =>
              call(api.POST('/api/v1/pledges/{id}/refuse-amendment', { ...path, ...keyed(key), body: {} }))
            }
          >
            {t('terms.refuseLead')}
          </Act>
        </>
      )}
      {isPledgee && (
        <Act
          label={t('terms.withdraw')}
          isDanger
          size="small"
          run={(_, key) =>
            call(api.POST('/api/v1/pledges/{id}/withdraw-amendment', { ...path, ...keyed(key), body: {} }))
          }
        >
          {t('terms.withdrawLead')}
        </Act>
      )}
    </div>
  );
}

/** What a version changes of the rights. */
function Changes({ changes }: { changes: Amendment['changes'] }) {
  const { t } = useTranslation();
  if (changes.length === 0) return <span className="muted">—</span>;
  return (
    <ul className="bare">
      {changes.map((one) => (
        <li key={one.lien}>
          <RightClass code={one.right_class} />
          <br />
          <small>
            {one.is_new && `${t('terms.comesIn')} · `}
            {[
              { value: one.quantity, unit: one.unit },
              { value: one.secured, unit: 'CNY' },
            ]
              .filter(({ value }) => !isZero(value))
              .map(({ value, unit }) => (
                <span key={unit}>
                  {compare(value, '0') > 0 && '+'}
                  <Amount value={value} unit={unit} />{' '}
                </span>
              ))}
          </small>
        </li>
      ))}
    </ul>
  );
}

/** The versions of the terms, and the change that waits for the enterprise. */
export function Versions({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const { items, ...list } = useList(['amendments', pledge.id], (cursor) =>
    call(
      api.GET('/api/v1/pledges/{id}/amendments', {
        params: { path: { id: pledge.id }, query: { limit: 50, order: 'newest', ...at(cursor) } },
      }),
    ),
  );
  const mayChange = isPledgee && pledge.state === 'registered';
  const columns: Column<Amendment>[] = [
    {
      key: 'number',
      title: t('terms.version'),
      cell: (one) => (
        <>
          <b>{one.number ? t('terms.number', { number: one.number }) : t(`terms.kinds.${one.kind}`)}</b>
          <br />
          <small className="muted figures">{minuteOf(one.proposed_at)}</small>
        </>
      ),
    },
    { key: 'reason', title: t('field.reason'), cell: (one) => one.reason },
    { key: 'changes', title: t('terms.changes'), cell: (one) => <Changes changes={one.changes} /> },
    {
      key: 'to',
      title: t('pledge.debtTo'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.debt_to}</span>,
    },
    {
      key: 'secured',
      title: t('pledge.secured'),
      isFigure: true,
      cell: (one) => <Amount value={one.secured} unit="CNY" />,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
    ...(pledge.open_amendment
      ? [
          {
            key: 'acts',
            title: t('act.name'),
            cell: (one: Amendment) => <AmendmentActs pledge={pledge} amendment={one} />,
          },
        ]
      : []),
  ];
  return (
    <Panel
      flush
      title={t('terms.title', { number: pledge.terms_number })}
      actions={
        mayChange && (
          <>
            {!pledge.open_amendment && <ProposeAmendment pledge={pledge} />}
            <ReleasePart pledge={pledge} />
          </>
        )
      }
    >
      <Rows
        label={t('terms.versions')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={
          <Nothing brief title={t('terms.none')}>
            <p>{t('terms.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}
