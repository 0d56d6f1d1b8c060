using System.Buffers;
using System.Text;
using Bitcoin.Rpc;

namespace Bitcoin.Tests;

internal sealed class RequestFramingTests
{
    private const int MaxHead = 100;

    [TestCase("::1", true)]
    [TestCase("fe80::1", true)]
    [TestCase("[::1]", false)]
    [TestCase("[::1]:8332", false)]
    [TestCase("localhost:8332", false)]
    [TestCase("127.0.0.1", false)]
    public void A_host_that_is_an_address_without_brackets_is_left_blank(string host, bool isBlank)
    {
        string text = $"POST / HTTP/1.1\r\nAccept: a\r\nHost: {host}\r\n\r\n";
        RequestFraming framing = new(1000);

        long taken = framing.Take(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text)), out long insertAt);

        Assert.That((taken, insertAt), Is.EqualTo(((long)text.Length, -1L)));
        Assert.That(
            framing.Blank,
            Is.EqualTo(isBlank ? ((long)text.IndexOf(host, StringComparison.Ordinal), host.Length) : (0L, 0)));
    }

    [TestCase("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\nhOST: a\r\n\r\n", "GET / HTTP/1.1\r\nhOST: a\r\n\r\n")]
    [TestCase(
        "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [TestCase(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nGE\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nGE\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [TestCase(
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost:\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [TestCase("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n")]
    [TestCase(
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nGET / HTTP/1.1\r\n\r\n")]
    [TestCase(
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nGET / HTTP/1.1\r\n\r\n")]
    public void A_request_without_a_host_is_given_an_empty_one_and_nothing_else_changes(string sent, string expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(sent);

        // However the bytes are cut.
        for (int step = 1; step <= bytes.Length; step++)
        {
            Assert.That(Encoding.ASCII.GetString(Pass(bytes, step)), Is.EqualTo(expected), $"in steps of {step}");
        }
    }

    [Test]
    public void A_head_without_an_end_is_given_on_when_it_is_too_long()
    {
        RequestFraming framing = new(MaxHead);

        Assert.That(framing.Take(new ReadOnlySequence<byte>(new byte[MaxHead]), out _), Is.Zero);
        Assert.That(framing.IsLost, Is.False);
        Assert.That(
            framing.Take(new ReadOnlySequence<byte>(new byte[MaxHead + 1]), out long insertAt),
            Is.EqualTo(MaxHead + 1));
        Assert.That((framing.IsLost, insertAt), Is.EqualTo((true, -1L)));
    }

    private static byte[] Pass(byte[] bytes, int step)
    {
        RequestFraming framing = new(maxHeadBytes: 1000);
        List<byte> passed = [];
        List<byte> waiting = [];
        for (int at = 0; at < bytes.Length; at += step)
        {
            waiting.AddRange(bytes[at..Math.Min(bytes.Length, at + step)]);
            while (waiting.Count > 0)
            {
                long taken = framing.Take(new ReadOnlySequence<byte>([.. waiting]), out long insertAt);
                if (taken == 0)
                {
                    break;
                }

                List<byte> part = waiting[..(int)taken];
                if (insertAt >= 0)
                {
                    part.InsertRange((int)insertAt, HostlessInput.Host.ToArray());
                }

                passed.AddRange(part);
                waiting.RemoveRange(0, (int)taken);
            }
        }

        return [.. passed, .. waiting];
    }
}
