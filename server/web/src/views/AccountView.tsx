export default function AccountView({ account }: { account: string }) {
  return <main className="page">{account}</main>;
}
