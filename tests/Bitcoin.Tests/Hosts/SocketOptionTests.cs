using Bitcoin.Hosting;

namespace Bitcoin.Tests;

internal sealed class SocketOptionTests
{
    [TestCase("", "unix:/data/regtest/node.sock")]
    [TestCase("1", "unix:/data/regtest/node.sock")]
    [TestCase("unix", "unix:/data/regtest/node.sock")]
    [TestCase("unix:", "unix:/data/regtest/node.sock")]
    [TestCase("auto", "unix:/data/regtest/node.sock")]
    [TestCase("unix:my.sock", "unix:/data/regtest/my.sock")]
    [TestCase("unix:../my.sock", "unix:/data/my.sock")]
    [TestCase("unix:/tmp/my.sock", "unix:/tmp/my.sock")]
    public void An_address_comes_out_absolute(string value, string expected)
    {
        Assert.That(SocketOption.TryResolve(value, "/data/regtest", out string? address, out string? error), Is.True, error);
        Assert.That(address, Is.EqualTo(expected));
    }

    [TestCase("invalid")]
    [TestCase("/tmp/my.sock")]
    [TestCase("unixx")]
    public void Anything_else_is_not_recognized(string value)
    {
        Assert.That(SocketOption.TryResolve(value, "/data", out _, out string? error), Is.False);
        Assert.That(error, Does.StartWith($"Unrecognized address '{value}'"));
    }

    [TestCase(null, true)]
    [TestCase("0", true)]
    [TestCase("", false)]
    [TestCase("unix", false)]
    public void No_socket_can_be_asked_for(string? value, bool none) => Assert.That(SocketOption.IsNone(value), Is.EqualTo(none));
}
