import { type ChangeEvent, type DragEvent, type ReactNode, useId, useState } from "react";
import { printBytes } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** A file in memory, ready to be sent in JSON. */
export interface TakenFile {
  readonly name: string;
  readonly size: number;
  readonly base64: string;
}

interface Props {
  readonly label: string;
  readonly says: string;
  /** Endings that the browser offers first. */
  readonly accept: string;
  /** Bytes; more is refused here, before it travels. */
  readonly atMost: number;
  readonly file: TakenFile | undefined;
  readonly onFile: (file: TakenFile | undefined) => void;
}

/** A place to drop a file on, with a button for those who have no pointer: one file, named once it is here. */
export const FileDrop = ({ label, says, accept, atMost, file, onFile }: Props): ReactNode => {
  const { language, say } = useReader();
  const id = useId();
  const [over, setOver] = useState(false);
  const [large, setLarge] = useState(false);
  const take = async (given: File | undefined): Promise<void> => {
    if (given === undefined) return;
    setLarge(given.size > atMost);
    if (given.size > atMost) return onFile(undefined);
    onFile({ name: given.name, size: given.size, base64: base64Of(new Uint8Array(await given.arrayBuffer())) });
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const choose = (event: ChangeEvent<HTMLInputElement>): void => {
    void take(event.target.files?.[0]);
    // The same file may be chosen again, after it was mended on the disk
    event.target.value = "";
  };
  return (
    <div
      className="drop"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <b id={`${id}-of`}>{label}</b>
      <input
        id={id}
        className="unseen"
        type="file"
        accept={accept}
        aria-labelledby={`${id}-of ${id}-choose`}
        aria-describedby={`${id}-says`}
        onChange={choose}
      />
      <label id={`${id}-choose`} className="button" htmlFor={id}>
        {say("file.choose")}
      </label>
      <p id={`${id}-says`} className={large ? "field-problem" : "quiet"}>
        {large ? say("file.large", { size: printBytes(language, atMost) }) : says}
      </p>
      {file === undefined ? null : (
        <p className="drop-file">
          <b>{visible(file.name)}</b> <span className="quiet">{printBytes(language, file.size)}</span>{" "}
          <button type="button" className="plain" onClick={() => onFile(undefined)}>
            {say("file.remove")}
          </button>
        </p>
      )}
    </div>
  );
};

/** Bytes at once: arguments of a call are few. */
const slice = 0x8000;

const base64Of = (bytes: Uint8Array): string => {
  let binary = "";
  for (let at = 0; at < bytes.length; at += slice) binary += String.fromCharCode(...bytes.subarray(at, at + slice));
  return btoa(binary);
};
