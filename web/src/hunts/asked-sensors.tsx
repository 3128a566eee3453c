import type { ReactNode } from "react";
import type { Hunt } from "@api/hunt.ts";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { printNumber } from "@words/number.ts";

/** Sensors that a hunt was handed to: how far each is, and what it found in what it keeps. */
export const AskedSensors = ({ sensors }: { readonly sensors: NonNullable<Hunt["sensors"]> }): ReactNode => {
  const { language, say } = useReader();
  const number = (n: number): string => printNumber(language, n);
  const head = (
    <Heads
      names={[
        say("hunt.sensor"),
        say("hunt.organisation"),
        say("hunt.state"),
        { figure: say("hunt.read") },
        { figure: say("hunt.found") },
        say("hunt.first-seen"),
        say("hunt.last-seen"),
      ]}
    />
  );
  return (
    <section>
      <h2>{say("hunt.sensors")}</h2>
      <Table label={say("hunt.sensors")} of="hunt-sensors" head={head}>
        {sensors.map((one, at) => (
          <tr key={`${one.title} ${at}`}>
            <th scope="row">{visible(one.title)}</th>
            <td data-label={say("hunt.organisation")}>{visible(one.organisation)}</td>
            <td className="wrap" data-label={say("hunt.state")}>
              {say(`hunt.sensor-state.${one.state}`)}
              {one.problem === undefined ? null : <p className="field-problem">{visible(one.problem)}</p>}
            </td>
            <td className="figure" data-label={say("hunt.read")}>
              {one.read === undefined
                ? ""
                : one.toRead === undefined || one.state === "done"
                  ? number(one.read)
                  : say("hunt.of", { read: number(one.read), all: number(one.toRead) })}
            </td>
            <td className="figure" data-label={say("hunt.found")}>
              {number(one.count)}
            </td>
            <td data-label={say("hunt.first-seen")}>{one.first === undefined ? "" : <Moment at={one.first} />}</td>
            <td data-label={say("hunt.last-seen")}>{one.last === undefined ? "" : <Moment at={one.last} />}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
};
