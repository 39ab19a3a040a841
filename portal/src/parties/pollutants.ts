import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';

/** Every pollutant of the register with its unit, also those whose rights are not traded. */
export const usePollutants = () =>
  useQuery({
    queryKey: ['pollutants'],
    queryFn: () => call(api.GET('/api/v1/pollutants')),
    select: (found) => found.items,
    staleTime: 300_000,
  });

/** The name of a pollutant by its code: that of the portal, else that of the register. */
export function usePollutantName(): (code: string) => string {
  const { t, i18n } = useTranslation();
  const { data } = usePollutants();
  return (code) => {
    const found = data?.find((one) => one.code === code);
    const registered = i18n.language === 'en' ? found?.name_en : found?.name_zh;
    return t(`pollutant.${code}`, { defaultValue: registered ?? code });
  };
}
