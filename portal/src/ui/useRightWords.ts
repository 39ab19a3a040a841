import { useTranslation } from 'react-i18next';
import { readRightClass } from '../figures/rightClass';
import { useZoneName } from '../parties/names';

/** A right class as one line of text: for lists to choose from, where no markup fits. */
export function useRightWords(): (code: string) => string {
  const { t } = useTranslation();
  const zoneName = useZoneName();
  return (code) => {
    const parts = readRightClass(code);
    if (parts === undefined) return t(`pollutant.${code}`, { defaultValue: code });
    const pollutant = t(`pollutant.${parts.pollutant}`, { defaultValue: parts.pollutant });
    const origin = t(`origin.${parts.origin}`, { defaultValue: parts.origin });
    return `${pollutant} · ${origin} · ${zoneName(parts.zone)} · ${t('right.until', { to: parts.to })}`;
  };
}
