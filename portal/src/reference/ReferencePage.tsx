import { Tabs } from 'antd';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Calendar } from './Calendar';

// Their forms are needed by whoever opens them.
const Areas = lazy(() => import('./Registered').then((found) => ({ default: found.Areas })));
const Basins = lazy(() => import('./Registered').then((found) => ({ default: found.Basins })));
const Pollutants = lazy(() => import('./Registered').then((found) => ({ default: found.Pollutants })));

const later = (part: ReactNode) => <Suspense fallback={<Loading />}>{part}</Suspense>;

/** What everything else rests on: the calendar of working days, areas, basins and pollutants, which the operator registers. */
export default function ReferencePage() {
  const { t } = useTranslation();
  const mayRegister = hasRole(useSession(), 'operator');
  return (
    <>
      <PageHead title={t('officials.reference')} lead={t('officials.referenceLead')} />
      <Tabs
        destroyOnHidden
        items={[
          { key: 'calendar', label: t('officials.calendar'), children: <Calendar mayLoad={mayRegister} /> },
          { key: 'areas', label: t('officials.areas'), children: later(<Areas mayRegister={mayRegister} />) },
          { key: 'basins', label: t('officials.basins'), children: later(<Basins mayRegister={mayRegister} />) },
          {
            key: 'pollutants',
            label: t('officials.pollutants'),
            children: later(<Pollutants mayRegister={mayRegister} />),
          },
        ]}
      />
    </>
  );
}
