import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { CallProblem } from "./api/call.ts";
import { applyTheme, currentTheme, printInLight } from "./frame/theme.ts";
import { Portal } from "./portal.tsx";
import { startLanguage } from "./words/language.ts";
import { loadWords, ReaderProvider } from "./words/reader.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/signs.css";
import "./styles/sign-in.css";
import "./styles/queue.css";
import "./styles/incidents.css";
import "./styles/finding.css";
import "./styles/sensors.css";
import "./styles/sources.css";
import "./styles/rules.css";
import "./styles/advisories.css";
import "./styles/products.css";
import "./styles/indicators.css";
import "./styles/sharing.css";
import "./styles/alerts.css";
import "./styles/forms.css";
import "./styles/print.css";

applyTheme(currentTheme());
printInLight();
const first = startLanguage();
document.documentElement.lang = first;

/** What the server refused it refuses again; what was in the world's way may pass: twice more. */
const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // A session that ended elsewhere shows on any page: ask for it, and the door opens.
      if (error instanceof CallProblem && error.status === 401 && query.queryKey[0] !== "session")
        void client.invalidateQueries({ queryKey: ["session"] });
    },
  }),
  defaultOptions: {
    queries: {
      retry: (times, error) =>
        times < 2 && error instanceof CallProblem && (error.status === 0 || error.status === 503),
      refetchOnWindowFocus: false,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

const place = document.getElementById("root");
if (!place) throw new Error("waglan is wrong: index.html has no #root");
const words = await loadWords(first);
createRoot(place).render(
  <StrictMode>
    <ReaderProvider first={first} words={words}>
      <QueryClientProvider client={client}>
        <Portal />
      </QueryClientProvider>
    </ReaderProvider>
  </StrictMode>,
);
