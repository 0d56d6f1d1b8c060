using System.ComponentModel;
using System.Text;
using Multiprocess.Processes;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class ChildOutputTests
{
    [TestCase("short", 8, "short")]
    [TestCase("0123456789", 4, "6789")]
    [TestCase("", 4, "")]
    [TestCase("a\u001b[31mb\r\n", 100, "a\\u001b[31mb")]
    public void The_end_is_kept_without_control_characters_and_all_is_handed_on(string written, int bytes, string kept)
    {
        using var to = new MemoryStream();
        var tail = new ChildOutput(new MemoryStream(Encoding.UTF8.GetBytes(written)), to, bytes);

        Assert.That(tail.WaitForEnd(Bounds.Time), Is.True);

        Assert.That(tail.Text, Is.EqualTo(kept));
        Assert.That(Encoding.UTF8.GetString(to.ToArray()), Is.EqualTo(written));
    }

    [Test]
    public void A_closed_standard_error_does_not_stop_the_child()
    {
        var closed = new MemoryStream();
        closed.Dispose();
        var tail = new ChildOutput(new MemoryStream(new byte[100_000]), closed, 16);

        Assert.That(tail.WaitForEnd(Bounds.Time), Is.True, "it was read to its end");
    }

    [Test]
    public void A_console_for_which_the_system_has_nothing_left_stops_neither_the_child_nor_this_process()
    {
        var tail = new ChildOutput(new MemoryStream("last words"u8.ToArray()), new ScarceStream(), 16);

        Assert.That(tail.WaitForEnd(Bounds.Time), Is.True);
        Assert.That(tail.Text, Is.EqualTo("last words"));
    }

    /// <summary>Throws what the console does that cannot be made.</summary>
    private sealed class ScarceStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new Win32Exception(11);
    }
}
