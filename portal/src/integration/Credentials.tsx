import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { ShownOnce } from '../ui/ShownOnce';

/** A client with its secret, as it is shown once. */
export function Credentials({ made, close }: { made: Schemas['ClientWithSecret']; close: () => void }) {
  const { t } = useTranslation();
  return (
    <ShownOnce
      title={t('client.credentials')}
      lead={t('client.credentialsLead')}
      values={[
        ['client_id', made.client.id],
        ['client_secret', made.client_secret ?? '—'],
      ]}
      close={close}
    />
  );
}
