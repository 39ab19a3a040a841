import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

interface PagePartsProps {
  /** Each part by what its link says and where it leads. */
  parts: readonly (readonly [name: string, to: string])[];
  /** Where the part that is shown is. */
  now: string;
}

/** The parts of a page beside each other, as links: one of them is shown, and has an address of its own. */
export function PageParts({ parts, now }: PagePartsProps) {
  const { t } = useTranslation();
  return (
    <nav className="parts" aria-label={t('shell.parts')}>
      {parts.map(([name, to]) => (
        <Link key={to} to={to} {...(to === now && { 'aria-current': 'page' as const })}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
