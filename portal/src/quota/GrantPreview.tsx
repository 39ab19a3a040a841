import { useQuery } from '@tanstack/react-query';
import { Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { isDecimal, isZero, subtract } from '../figures/decimal';
import { useAreaName, useSites } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { given } from '../ui/given';
import { Refusal } from '../ui/Refusal';
import { useSettled } from '../ui/useSettled';

interface CapAfterProps {
  site: string | undefined;
  pollutant: string | undefined;
  quantity: string | undefined;
}

/** What the cap of a site's area has left, and would have after a grant. Holdings of the reserve use none. */
export function CapAfter({ site, pollutant, quantity }: CapAfterProps) {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const found = useSites().data?.find((one) => one.id === site);
  const area = found?.is_reserve === false ? found.area : undefined;
  const caps = useQuery({
    queryKey: ['capacities', area, pollutant],
    queryFn: () =>
      call(api.GET('/api/v1/capacities', { params: { query: { area: area ?? '', pollutant: pollutant ?? '' } } })),
    enabled: area !== undefined && pollutant !== undefined,
  });
  const cap = caps.data?.items[0];
  if (area === undefined || cap === undefined) return null;
  const isWhole = quantity !== undefined && isDecimal(quantity, 6) && !isZero(quantity);
  return (
    <span aria-live="polite">
      {t('preview.capacity', { area: areaName(area) })} <Amount value={cap.headroom} unit={cap.unit} />
      {isWhole && (
        <>
          {' → '}
          <Amount value={subtract(cap.headroom, quantity)} unit={cap.unit} />
        </>
      )}
    </span>
  );
}

const asked = ['site', 'pollutant', 'origin', 'valid_from', 'valid_to', 'quantity', 'document'] as const;

/** What proposing a grant would do, judged by the server before it is proposed: every rule against it, or what follows from it. */
export function GrantPreview({ wanted }: { wanted: Partial<Schemas['ProposeAllocation']> }) {
  const { t } = useTranslation();
  const settled = useSettled(given(wanted));
  const isWhole = asked.every((field) => settled[field] !== undefined);
  const preview = useQuery({
    queryKey: ['allocation-preview', settled],
    queryFn: () =>
      call(
        api.POST('/api/v1/allocations', {
          params: { query: { dry_run: true } },
          ...keyed(crypto.randomUUID()),
          body: settled as Schemas['ProposeAllocation'],
        }),
      ),
    enabled: isWhole,
    retry: false,
  });
  if (!isWhole) return <p className="muted">{t('grant.fill')}</p>;
  if (preview.isFetching) return <Spin />;
  if (preview.error) return <Refusal error={preview.error} />;
  const grant = preview.data;
  if (grant === undefined) return null;
  return (
    <div className="notice fine" role="status">
      <h3>{t('grant.possible')}</h3>
      <Facts
        wide
        facts={[
          [t('grant.publicisedUntil'), grant.publicised_until ?? t('preview.notAsked')],
          grant.replacement_ratio !== null && [t('grant.ratio'), grant.replacement_ratio],
          grant.replacement_ratio !== null && [t('preview.excess'), <Amount value={grant.excess} unit={grant.unit} />],
        ]}
      />
    </div>
  );
}
