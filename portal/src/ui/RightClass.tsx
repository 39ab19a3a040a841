import { useTranslation } from 'react-i18next';
import { readRightClass } from '../figures/rightClass';
import { useZoneName } from '../parties/names';

/** A right class in words: pollutant and origin first, zone and validity beneath. */
export function RightClass({ code }: { code: string }) {
  const { t } = useTranslation();
  const zoneName = useZoneName();
  const parts = readRightClass(code);
  // Money, and the capacity of an area, have a code of their own.
  if (parts === undefined) return <b>{t(`pollutant.${code}`, { defaultValue: code })}</b>;
  return (
    <span title={code}>
      <b>{t(`pollutant.${parts.pollutant}`, { defaultValue: parts.pollutant })}</b> ·{' '}
      {t(`origin.${parts.origin}`, { defaultValue: parts.origin })}
      <br />
      <small className="muted">
        {zoneName(parts.zone)} · {t('right.validity', { from: parts.from, to: parts.to })}
      </small>
    </span>
  );
}
