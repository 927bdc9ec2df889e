export default function SummaryView({ callId }: { callId: string }) {
  return <main className="page">{callId}</main>;
}
