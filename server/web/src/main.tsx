import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { begin } from "./words";
import "./styles/theme.css";
import "./styles/frame.css";
import "./styles/call.css";
import "./styles/graph.css";
import "./styles/details.css";
import "./styles/tables.css";

const root = document.getElementById("root");
if (root) void begin().then(() => createRoot(root).render(<StrictMode><App /></StrictMode>));
