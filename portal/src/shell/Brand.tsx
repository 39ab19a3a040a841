import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

/** The mark: two waves of the river. */
export function Brand() {
  const { t } = useTranslation();
  return (
    <Link to="/" className="brand">
      <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#17776f" />
        <path
          d="M5 12c4-4 7-4 11 0s7 4 11 0M5 20c4-4 7-4 11 0s7 4 11 0"
          fill="none"
          stroke="#fff"
          strokeWidth="2.6"
          strokeLinecap="round"
        />
      </svg>
      <span>
        {t('shell.brand')} <small>{t('shell.brandLatin')}</small>
      </span>
    </Link>
  );
}
