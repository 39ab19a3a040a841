import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

/** The way to a sale, for whoever sells. */
export function SellLink() {
  const { t } = useTranslation();
  if (!hasRole(useSession(), 'enterprise_trader', 'reserve_trader')) return null;
  return (
    <Link to="/market/sell">
      <Button type="primary" tabIndex={-1}>
        {t('market.sell')}
      </Button>
    </Link>
  );
}
