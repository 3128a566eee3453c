import type { ReactNode } from "react";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, says: string])[];
  readonly onChoose: (value: string) => void;
}

/** A filter of a list: one of a few words. A value that is none of them is shown as it is, so that it can be left. */
export const Choice = ({ label, value, options, onChoose }: Props): ReactNode => (
  <label className="filter">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChoose(event.target.value)}>
      {options.some(([known]) => known === value) ? null : <option value={value}>{value}</option>}
      {options.map(([each, says]) => (
        <option key={each} value={each}>
          {says}
        </option>
      ))}
    </select>
  </label>
);
