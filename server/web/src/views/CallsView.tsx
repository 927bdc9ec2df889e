export default function CallsView() {
  return <main className="page">{null}</main>;
}
