export default function AccountsView() {
  return <main className="page">{null}</main>;
}
