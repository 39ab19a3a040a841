import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';

type Freeze = Schemas['Freeze'];

/** How a freeze stands, in the words of courts. */
export function FreezeState({ freeze }: { freeze: Freeze }) {
  const { t } = useTranslation();
  return <State state={freeze.state} word={t(`freeze.states.${freeze.state}`)} />;
}

/** The columns of a list of freezes. */
export function useFreezeColumns(): Column<Freeze>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  return [
    {
      key: 'document',
      title: t('freeze.document'),
      cell: (one) => (
        <>
          <Link to={`/freezes/${one.id}`}>
            <b>{one.document}</b>
          </Link>
          <br />
          <small className="muted">{one.court}</small>
        </>
      ),
    },
    {
      key: 'whose',
      title: t('freeze.debtor'),
      cell: (one) => (
        <>
          {organisationName(one.organisation)}
          <br />
          <small className="muted">{siteName(one.site)}</small>
        </>
      ),
    },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'quantity',
      title: t('freeze.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'taken',
      title: t('freeze.taken'),
      isFigure: true,
      cell: (one) => <Amount value={one.taken} unit={one.unit} />,
    },
    {
      key: 'recorded',
      title: t('freeze.recordedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.recorded_at)}</span>,
    },
    {
      key: 'until',
      title: t('freeze.until'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.until ?? '—'}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <FreezeState freeze={one} /> },
  ];
}
