import { Spin } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useAreaName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Refusal, Violations } from '../ui/Refusal';

interface PreviewProps {
  preview: Schemas['TradePreview'] | undefined;
  isPending: boolean;
  error: unknown;
}

/** What a purchase would cost, hold and move, and every rule that stands against it: told before the click. */
export function Preview({ preview, isPending, error }: PreviewProps) {
  const { t } = useTranslation();
  const areaName = useAreaName();
  if (error) return <Refusal error={error} />;
  if (preview === undefined) return isPending ? <Spin /> : <p className="muted">{t('preview.fill')}</p>;
  const { unit } = preview;
  return (
    <div className="stack" aria-live="polite" data-testid="preview">
      {preview.is_possible ? (
        <div className="notice fine">
          <h3>{t('preview.possible')}</h3>
          <p>{t('preview.possibleLead')}</p>
        </div>
      ) : (
        <Violations
          title={t('preview.impossible', { count: preview.violations.length })}
          violations={preview.violations}
        />
      )}
      <Facts
        wide
        facts={[
          [t('field.quantity'), <Amount value={preview.quantity} unit={unit} />],
          [t('field.total'), <Amount value={preview.total} unit="CNY" />],
          [t('preview.deposit'), <Amount value={preview.deposit} unit="CNY" />],
          [t('preview.fee'), preview.fee === null ? t('preview.noFee') : <Amount value={preview.fee} unit="CNY" />],
          [t('preview.excess'), <Amount value={preview.excess} unit={unit} />],
          [t('preview.deciders'), preview.deciding_areas.map(areaName).join(t('shell.comma')) || '—'],
          [
            t('preview.publicity'),
            preview.publicity_days ? t('preview.days', { count: preview.publicity_days }) : t('preview.notAsked'),
          ],
          [
            t('preview.payment'),
            preview.payment_days ? t('preview.days', { count: preview.payment_days }) : t('preview.noEnd'),
          ],
        ]}
      />
      {preview.capacity.map((one) => (
        <p key={one.area} className="muted">
          {t('preview.capacity', { area: areaName(one.area) })} <Amount value={one.headroom} unit={unit} /> →{' '}
          <Amount value={one.headroom_after} unit={unit} />
        </p>
      ))}
    </div>
  );
}
