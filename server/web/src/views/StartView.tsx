export default function StartView() {
  return <main className="page">{null}</main>;
}
