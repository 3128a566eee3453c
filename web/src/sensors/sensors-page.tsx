import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { SensorInside } from "@api/sensor.ts";
import { sensorsInsideQuery } from "@web/api/sensor-queries.ts";
import { useMe } from "@web/frame/session.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { SensorCondition } from "@web/signs/sensor-condition.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { printBytes, printNumber } from "@words/number.ts";
import { ParcelsSection } from "./parcels-section.tsx";
import { ReasonsSection } from "./reasons-section.tsx";

/** Sensors that run inside organisations: how each is, and every parcel that left through it. */
export const SensorsPage = (): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(sensorsInsideQuery(language));
  const sensors = data?.sensors ?? [];
  return (
    <ListPage
      title={say("inside.title")}
      tlp="amber"
      says={say("inside.says")}
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && sensors.length === 0 && say("inside.empty")}
    >
      {sensors.length === 0 ? null : (
        <>
          <Table
            label={say("inside.list")}
            of="sensors"
            head={
              <Heads
                names={[
                  say("inside.state"),
                  say("inside.sensor"),
                  say("inside.program"),
                  say("inside.said"),
                  say("inside.fetched"),
                  { figure: say("inside.records") },
                  { figure: say("inside.unread") },
                  { figure: say("inside.lost") },
                  { figure: say("inside.waiting") },
                  { figure: say("inside.memory") },
                  { figure: say("inside.disk") },
                ]}
              />
            }
          >
            {sensors.map((sensor) => (
              <SensorRow key={sensor.id} sensor={sensor} />
            ))}
          </Table>
          <ReasonsSection sensors={sensors} />
          <ParcelsSection />
        </>
      )}
    </ListPage>
  );
};

const SensorRow = ({ sensor }: { readonly sensor: SensorInside }): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const sum = (of: (day: SensorInside["days"][number]) => number): string =>
    printNumber(
      language,
      sensor.days.reduce((all, day) => all + of(day), 0),
    );
  const size = (bytes: number | undefined): string => (bytes === undefined ? "–" : printBytes(language, bytes));
  return (
    <tr>
      <td data-label={say("inside.state")}>
        {sensor.conditions.map((condition) => (
          <div key={condition}>
            <SensorCondition condition={condition} />
          </div>
        ))}
      </td>
      <th scope="row">
        {visible(sensor.title)}
        {me.staff ? <span className="quiet"> {visible(sensor.organisation.name)}</span> : null}
        {sensor.knowledge === "behind" ? <p className="reason">{say("inside.behind")}</p> : null}
        {sensor.missing > 0 ? <p className="reason">{say("inside.missing", { count: sensor.missing })}</p> : null}
      </th>
      <td data-label={say("inside.program")}>{sensor.program ?? "–"}</td>
      <td data-label={say("inside.said")}>{sensor.said === undefined ? "–" : <Moment at={sensor.said} />}</td>
      <td data-label={say("inside.fetched")}>{sensor.fetched === undefined ? "–" : <Moment at={sensor.fetched} />}</td>
      <td className="figure" data-label={say("inside.records")}>
        {sum((day) => day.lines)}
      </td>
      <td className="figure" data-label={say("inside.unread")}>
        {sum((day) => day.rejected)}
      </td>
      <td className="figure" data-label={say("inside.lost")}>
        {sum((day) => day.lost + day.forgotten)}
      </td>
      <td className="figure" data-label={say("inside.waiting")}>
        {sensor.waiting === undefined ? "–" : printNumber(language, sensor.waiting)}
      </td>
      <td className="figure" data-label={say("inside.memory")}>
        {size(sensor.memory)}
      </td>
      <td className="figure" data-label={say("inside.disk")}>
        {sensor.diskUsed === undefined ? "–" : `${size(sensor.diskUsed)} · ${size(sensor.diskFree)}`}
      </td>
    </tr>
  );
};
