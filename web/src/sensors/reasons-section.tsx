import type { ReactNode } from "react";
import type { SensorInside } from "@api/sensor.ts";
import { Heads, Table } from "@web/parts/table.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { printNumber } from "@words/number.ts";

/** Records that sensors could not read, by format and reason. */
export const ReasonsSection = ({ sensors }: { readonly sensors: readonly SensorInside[] }): ReactNode => {
  const { language, say } = useReader();
  const rows = sensors.flatMap((sensor) => sensor.reasons.map((reason) => ({ sensor, ...reason })));
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{say("inside.reasons")}</h2>
      <Table
        label={say("inside.reasons")}
        head={
          <Heads
            names={[
              say("inside.sensor"),
              say("inside.reason.format"),
              say("inside.reason.why"),
              { figure: say("inside.reason.n") },
            ]}
          />
        }
      >
        {rows.map(({ sensor, format, reason, says, n }) => (
          <tr key={`${sensor.id} ${format} ${reason}`}>
            <th scope="row">{visible(sensor.title)}</th>
            <td data-label={say("inside.reason.format")}>
              <code>{visible(format)}</code>
            </td>
            <td data-label={say("inside.reason.why")}>{visible(says)}</td>
            <td className="figure" data-label={say("inside.reason.n")}>
              {printNumber(language, n)}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
};
