import { useTranslation } from "react-i18next";
import { useShared } from "../context";

/** The standard notice in the page's language: what is written down, who sees it, whether the sound is kept, the way out. */
export function useStandard(): (audio: boolean) => string {
  const { t } = useTranslation("start");
  const { me } = useShared();
  return (audio) => t("consent.text", { company: me?.tenant ?? t("consent.company"), sound: t(audio ? "consent.soundKept" : "consent.soundNotKept") });
}
