import "@livekit/components-styles";
import "./page.css";
import { setLogLevel } from "@livekit/components-react";
import { createRoot } from "react-dom/client";
import { Page } from "./page";

setLogLevel("error");
const root = document.getElementById("page");
if (root) createRoot(root).render(<Page />);
