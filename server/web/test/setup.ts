// Texts are asked for by key; tests read them in English.
import { prepare } from "../src/words";

prepare();
