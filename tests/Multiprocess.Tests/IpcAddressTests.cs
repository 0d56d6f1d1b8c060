using System.Text;

namespace Multiprocess.Tests;

[TestFixture]
internal sealed class IpcAddressTests
{
    [TestCase("", IpcAddressKind.None, null, "")]
    [TestCase("0", IpcAddressKind.None, null, "")]
    [TestCase("unix", IpcAddressKind.Unix, null, "unix")]
    [TestCase("unix:", IpcAddressKind.Unix, null, "unix")]
    [TestCase("unix:/run/a.sock", IpcAddressKind.Unix, "/run/a.sock", "unix:/run/a.sock")]
    [TestCase("unix:/run/../run//a.sock", IpcAddressKind.Unix, "/run/a.sock", "unix:/run/a.sock")]
    [TestCase("unix:/with space:and colon", IpcAddressKind.Unix, "/with space:and colon", "unix:/with space:and colon")]
    [TestCase("auto", IpcAddressKind.Auto, null, "auto")]
    [TestCase("systemd", IpcAddressKind.Activated, null, "systemd")]
    [TestCase("systemd:rpc.socket", IpcAddressKind.Activated, null, "systemd:rpc.socket")]
    public void Text_is_read_and_written_canonically(string text, IpcAddressKind kind, string? path, string canonical)
    {
        IpcAddress address = text;

        Assert.That(address.Kind, Is.EqualTo(kind));
        Assert.That(address.Path, Is.EqualTo(path));
        Assert.That(address.ToString(), Is.EqualTo(canonical));
        Assert.That(IpcAddress.Parse(address.ToString()), Is.EqualTo(address));
    }

    [TestCase("tcp:localhost:80", "localhost", 80, "tcp:localhost:80")]
    [TestCase("tcp:127.0.0.1:65535", "127.0.0.1", 65535, "tcp:127.0.0.1:65535")]
    [TestCase("tcp:[::1]:0", "::1", 0, "tcp:[::1]:0")]
    public void Tcp_endpoints_are_read(string text, string host, int port, string canonical)
    {
        IpcAddress address = text;

        Assert.That(address.Kind, Is.EqualTo(IpcAddressKind.Tcp));
        Assert.That(address.Host, Is.EqualTo(host));
        Assert.That(address.Port, Is.EqualTo(port));
        Assert.That(address.ToString(), Is.EqualTo(canonical));
    }

    [TestCase("1", "Unrecognized address '1'")]
    [TestCase("Unix:a", "Unrecognized address 'Unix:a'")]
    [TestCase("unixa", "Unrecognized address 'unixa'")]
    [TestCase("auto:", "Unrecognized address 'auto:'")]
    [TestCase("http://x", "Unrecognized address 'http://x'")]
    [TestCase(" unix", "Unrecognized address ' unix'")]
    [TestCase("unix:@name", "Abstract sockets")]
    [TestCase("unix:\0name", "Abstract sockets")]
    [TestCase("unix:a\0b", "NUL")]
    [TestCase("unix:/run/", "directory")]
    [TestCase("systemd:", "name of a socket")]
    [TestCase("systemd:a:b", "name of a socket")]
    [TestCase("tcp:", "Unrecognized address 'tcp:'")]
    [TestCase("tcp:host", "tcp:host:port")]
    [TestCase("tcp::80", "tcp:host:port")]
    [TestCase("tcp:host:", "port")]
    [TestCase("tcp:host:65536", "port")]
    [TestCase("tcp:host:-1", "port")]
    [TestCase("tcp:host: 1", "port")]
    [TestCase("tcp:::1:80", "brackets")]
    [TestCase("tcp:[host]:80", "brackets")]
    [TestCase("tcp:ho st:80", "brackets")]
    public void What_is_no_address_is_refused_with_the_reason(string text, string reason)
    {
        Assert.That(() => IpcAddress.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains(reason));
        Assert.That(IpcAddress.TryParse(text, out IpcAddress address), Is.False);
        Assert.That(address, Is.EqualTo(IpcAddress.None));
    }

    [Test]
    public void A_path_may_have_107_bytes_and_no_more()
    {
        string longest = "/" + new string('x', 106);
        string inTwoByteLetters = "/" + new string('é', 53);

        Assert.That(IpcAddress.Unix(longest).Path, Is.EqualTo(longest));
        Assert.That(Encoding.UTF8.GetByteCount(inTwoByteLetters), Is.EqualTo(107));
        Assert.That(IpcAddress.Unix(inTwoByteLetters).Path, Is.EqualTo(inTwoByteLetters));
        Assert.That(
            () => IpcAddress.Unix(longest + "x"),
            Throws.TypeOf<FormatException>().With.Message.Contains("exceeded maximum socket path length"));
        Assert.That(
            () => IpcAddress.Unix(inTwoByteLetters + "x"),
            Throws.TypeOf<FormatException>().With.Message.Contains("exceeded maximum socket path length"));
    }

    [TestCase("unix", "unix:/data/main/node.sock")]
    [TestCase("unix:", "unix:/data/main/node.sock")]
    [TestCase("unix:a/b.sock", "unix:/data/main/a/b.sock")]
    [TestCase("unix:../b.sock", "unix:/data/b.sock")]
    [TestCase("unix:/tmp/b.sock", "unix:/tmp/b.sock")]
    [TestCase("tcp:h:1", "tcp:h:1")]
    [TestCase("systemd:a", "systemd:a")]
    [TestCase("", "")]
    public void Resolving_gives_the_host_s_canonical_form(string text, string canonical)
    {
        IpcAddress resolved = IpcAddress.Parse(text).Resolve("/data/main/", "node");

        Assert.That(resolved.ToString(), Is.EqualTo(canonical));
        Assert.That(resolved.Resolve("/elsewhere", "other"), Is.EqualTo(resolved));
    }

    [Test]
    public void Resolving_auto_names_the_default_socket_and_stays_auto()
    {
        IpcAddress resolved = IpcAddress.Parse("auto").Resolve("/data", "node");

        Assert.That(resolved.Kind, Is.EqualTo(IpcAddressKind.Auto));
        Assert.That(resolved.Path, Is.EqualTo("/data/node.sock"));
    }

    [Test]
    public void Resolving_into_a_deep_directory_fails_unless_the_address_is_auto()
    {
        string deep = "/" + new string('d', 104);

        Assert.That(
            () => IpcAddress.Parse("unix").Resolve(deep, "node"),
            Throws.TypeOf<FormatException>().With.Message.Contains("exceeded maximum socket path length"));
        Assert.That(IpcAddress.Parse("auto").Resolve(deep, "node").Path, Has.Length.EqualTo(115));
    }

    [Test]
    public void A_relative_path_starts_at_the_current_directory()
    {
        IpcAddress address = "unix:calc.sock";

        Assert.That(address.Path, Is.EqualTo("calc.sock"));
        Assert.That(address.ToString(), Is.EqualTo($"unix:{Path.Combine(Environment.CurrentDirectory, "calc.sock")}"));
    }

    [Test]
    public void Equality_compares_every_part()
    {
        IpcAddress[] different =
            [
                "",
                "unix",
                "unix:a",
                "unix:/a",
                "auto",
                "tcp:a:1",
                "tcp:a:2",
                "tcp:b:1",
                "systemd",
                "systemd:a",
                "systemd:b",
            ];

        for (int i = 0; i < different.Length; i++)
        {
            for (int j = 0; j < different.Length; j++)
            {
                Assert.That(different[i] == different[j], Is.EqualTo(i == j), $"{different[i]} and {different[j]}");
                Assert.That(different[i] != different[j], Is.EqualTo(i != j));
            }
        }

        Assert.That(IpcAddress.Parse("tcp:Host:1"), Is.EqualTo(IpcAddress.Parse("tcp:host:1")));
        Assert.That(
            IpcAddress.Parse("tcp:Host:1").GetHashCode(), Is.EqualTo(IpcAddress.Parse("tcp:host:1").GetHashCode()));
        Assert.That(default(IpcAddress), Is.EqualTo(IpcAddress.None));
    }
}
