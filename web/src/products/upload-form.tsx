import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { inventoryUploadAtMost } from "@api/file-limits.ts";
import type { InventoryReceipt } from "@api/inventory.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { FileDrop, type TakenFile } from "@web/parts/file-drop.tsx";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly organisation: string;
  /** Names that are taken: bringing one of them replaces it. */
  readonly names: readonly string[];
  readonly onDone: (receipt: InventoryReceipt) => void;
}

/** Milliseconds: a large list is read before the answer comes. */
const patience = 300_000;

/** Brings the whole of an inventory under a name. */
export const UploadForm = ({ organisation, names, onDone }: Props): ReactNode => {
  const { language, say } = useReader();
  const id = useId();
  const [file, setFile] = useState<TakenFile>();
  const [name, setName] = useState("");
  const upload = useMutation({
    mutationFn: ({ base64, name: own }: TakenFile) =>
      call<InventoryReceipt>(
        language,
        `/organisations/${encodeURIComponent(organisation)}/inventories/${encodeURIComponent(name)}?${new URLSearchParams({ file: own.slice(0, 200) })}`,
        { method: "PUT", bytes: Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)), patience },
      ),
    onSuccess: (receipt) => {
      setFile(undefined);
      onDone(receipt);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (file !== undefined && name !== "") upload.mutate(file);
  };
  return (
    <form className="upload" onSubmit={submit}>
      <h2>{say("inventories.bring")}</h2>
      <FileDrop
        label={say("inventories.file")}
        says={say("inventories.file-says")}
        accept=".json,.xml,.csv,.tsv,.txt,.gz"
        atMost={inventoryUploadAtMost}
        file={file}
        onFile={(given) => {
          setFile(given);
          upload.reset();
          if (given !== undefined && name === "") setName(nameOf(given.name));
        }}
      />
      <div className="field">
        <label htmlFor={id}>{say("inventories.name")}</label>
        <input
          id={id}
          type="text"
          value={name}
          maxLength={64}
          pattern="[A-Za-z0-9][A-Za-z0-9_.\-]*"
          aria-describedby={`${id}-says`}
          onChange={(event) => setName(event.target.value)}
        />
        <p id={`${id}-says`} className="quiet">
          {say(names.includes(name) ? "inventories.replaces" : "inventories.name-says")}
        </p>
      </div>
      {upload.error ? <Failed error={upload.error} says={say("failed.title")} /> : null}
      <p>
        <button
          type="submit"
          className="button filled"
          disabled={file === undefined || name === "" || upload.isPending}
        >
          {say(upload.isPending ? "inventories.reading" : "inventories.take")}
        </button>
      </p>
    </form>
  );
};

/** "payroll.cdx.json" → "payroll". */
const nameOf = (file: string): string =>
  file
    .replace(/(?:\.(?:gz|json|xml|csv|tsv|txt|cdx|spdx|bom))+$/i, "")
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 64);
