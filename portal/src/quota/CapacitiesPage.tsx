import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Select } from 'antd';
import { lazy, Suspense } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { grouped } from '../figures/decimal';
import { withWords } from '../i18n/areas';
import { useAreas, useOrganisations } from '../parties/names';
import { useSession } from '../session/session';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useCaps } from './caps';
import { room } from './headroom';

const CapacityActs = lazy(withWords('caps', () => import('./CapacityActs')));
const CapacityChanges = lazy(withWords('caps', () => import('./CapacityChanges')));
const Suspensions = lazy(withWords('caps', () => import('./Suspensions')));

type Row = Schemas['AreaCapacities'];

/** One cell of the matrix: what is free of the cap, and how much of it that is by its colour. It leads to the cap, where the area has one. */
function Cell({ row, pollutant }: { row: Row; pollutant: string }) {
  const { t } = useTranslation();
  const cap = useCaps().data?.find((one) => one.area === row.area && one.pollutant === pollutant);
  const cell = row.pollutants.find((one) => one.pollutant === pollutant);
  // What an area has itself counts; where it has no cap of its own, what lies below it.
  const figures = cell?.own ?? cell?.below;
  if (cell === undefined || figures === undefined || figures.caps === 0) return <td className="muted">—</td>;
  return (
    <td className={cell.suspension ? 'none' : room(figures.headroom, figures.cap)}>
      {cap === undefined ? (
        grouped(figures.headroom)
      ) : (
        <Link to={`/capacities/${cap.id}`}>{grouped(figures.headroom)}</Link>
      )}
      <small>
        {cell.suspension
          ? t('capacity.suspended')
          : t('capacity.ofCap', { cap: grouped(figures.cap), unit: cell.unit })}
      </small>
    </td>
  );
}

/** Areas by pollutants, with the room that each has. */
function Matrix({ overview, choose }: { overview: Schemas['CapacityOverview']; choose: (area: string) => void }) {
  const { t } = useTranslation();
  const rows = [overview, ...overview.children];
  const pollutants = [...new Set(rows.flatMap((row) => row.pollutants.map((one) => one.pollutant)))].sort();
  return (
    <div className="sideways" tabIndex={0} role="region" aria-label={t('capacity.matrix')}>
      <table className="matrix">
        <thead>
          <tr>
            <th scope="col">{t('field.area')}</th>
            {pollutants.map((pollutant) => (
              <th key={pollutant} scope="col" className="right">
                {t(`pollutant.${pollutant}`, { defaultValue: pollutant })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.area}>
              <th scope="row">
                {row.area === overview.area ? (
                  <b>{row.name}</b>
                ) : (
                  <button type="button" className="plain" onClick={() => choose(row.area)}>
                    {row.name}
                  </button>
                )}
              </th>
              {pollutants.map((pollutant) => (
                <Cell key={pollutant} row={row} pollutant={pollutant} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The room of every area for every pollutant, as a matrix that opens downwards. */
export default function CapacitiesPage() {
  const { t } = useTranslation();
  const areas = useAreas().data;
  const own = useSession()?.me.organisation;
  const home = useOrganisations().data?.find((one) => one.id === own)?.area;
  const [parameters, setParameters] = useSearchParams();
  const area = parameters.get('area') ?? home;
  const setArea = (code: string) => setParameters({ area: code });
  const query = useQuery({
    queryKey: ['capacity-overview', area],
    queryFn: () => call(api.GET('/api/v1/capacity-overview', { params: { query: { area: area ?? '' } } })),
    enabled: area !== undefined,
  });
  return (
    <>
      <PageHead
        title={t('capacity.matrix')}
        lead={t('capacity.matrixLead')}
        actions={
          <>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t('field.area')}
              placeholder={t('field.area')}
              style={{ width: 200 }}
              value={query.data?.area ?? null}
              onChange={setArea}
              options={[...(areas ?? [])].map(([value, label]) => ({ value, label }))}
            />
            <Suspense>
              <CapacityActs area={area} />
            </Suspense>
          </>
        }
      />
      <div className="stack">
        <div className="actions">
          {(['ample', 'narrow', 'none'] as const).map((word) => (
            <span key={word} className={`state ${{ ample: 'good', narrow: 'waits', none: 'bad' }[word]}`}>
              {t(`capacity.rooms.${word}`)}
            </span>
          ))}
        </div>
        <Refusal error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading />}
        {query.data && (
          <Panel>
            <Matrix overview={query.data} choose={setArea} />
          </Panel>
        )}
        <Suspense>
          <CapacityChanges />
          <Suspensions />
        </Suspense>
      </div>
    </>
  );
}
