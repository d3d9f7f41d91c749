import type { PatientRow } from '../../platform/bindings/PatientRow';
import { t } from '../../words';

/** Who it is, in two lines: name, then what tells apart from another of the same name. */
export function PatientLine({ row }: { row: PatientRow }) {
  return (
    <div className="patient-line">
      <div className="patient-line-name">
        <bdi>{row.name}</bdi>
        {row.also_known_as === null ? null : <bdi className="soft"> {row.also_known_as}</bdi>}
      </div>
      <div className="patient-line-detail">
        <span dir="auto">{row.born === null ? t('banner.born_unknown') : t('search.born', { born: row.born, age: row.age ?? '' })}</span>
        <span>{row.gender ?? t('banner.gender_unknown')}</span>
        {row.number === null ? null : <span dir="ltr">{row.number}</span>}
      </div>
      <PatientTags row={row} />
    </div>
  );
}

function PatientTags({ row }: { row: PatientRow }) {
  if (!row.similar_name && !row.restricted && !row.deceased) return null;
  return (
    <div className="patient-line-tags">
      {row.similar_name ? (
        <span className="tag" data-tone="warn">
          ⚠ {t('search.similar')}
        </span>
      ) : null}
      {row.restricted ? (
        <span className="tag" data-tone="info">
          {t('search.restricted')}
        </span>
      ) : null}
      {row.deceased ? (
        <span className="tag" data-tone="plain">
          {t('search.deceased')}
        </span>
      ) : null}
    </div>
  );
}
