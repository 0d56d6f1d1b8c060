using System.IO.Pipelines;
using System.Text;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>Streams and pipes: bytes, ends, flow control, disposal, identity.</summary>
[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(60_000)]
public sealed class StreamTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    private readonly Streaming _server = new();
    private readonly Subject<IStreaming> _subject;

    public StreamTests(Reached reached) => _subject = new Subject<IStreaming>(_server, reached);

    private IStreaming Root => _subject.Root;

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [Test]
    public void Stream_that_is_returned_is_read_synchronously()
    {
        using Stream stream = Root.Open(s_bytes)!;
        var copy = new MemoryStream();
        stream.CopyTo(copy);

        Assert.That(copy.ToArray(), Is.EqualTo(s_bytes));
        Assert.That(
            (stream.CanRead, stream.CanWrite, stream.CanSeek, stream.Length),
            Is.EqualTo((true, true, true, (long)s_bytes.Length)));
    }

    [Test]
    public async Task Stream_that_is_returned_is_read_asynchronously()
    {
        await using Stream stream = Root.Open(s_bytes)!;
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);

        Assert.That(copy.ToArray(), Is.EqualTo(s_bytes));
    }

    [Test]
    public void Position_and_length_are_the_remote_ones()
    {
        using Stream stream = Root.Open([1, 2, 3, 4])!;

        stream.Position = 2;
        Assert.That((stream.ReadByte(), stream.Position), Is.EqualTo((3, 3L)));
        Assert.That(stream.Seek(-1, SeekOrigin.End), Is.EqualTo(3));
        stream.SetLength(3);
        Assert.That((stream.ReadByte(), stream.Length), Is.EqualTo((-1, 3L)));
    }

    [Test]
    public async Task Streams_that_are_passed_are_read_and_written()
    {
        var to = new MemoryStream();
        var more = new MemoryStream();

        Assert.That(Root.Copy(new MemoryStream(s_bytes), to), Is.EqualTo(s_bytes.Length));
        Assert.That(await Root.CopyAsync(new MemoryStream(s_bytes), more), Is.EqualTo(s_bytes.Length));
        Assert.That(to.ToArray(), Is.EqualTo(s_bytes));
        Assert.That(more.ToArray(), Is.EqualTo(s_bytes));
    }

    [Test]
    public void Stream_cannot_do_what_the_remote_one_cannot()
    {
        using Stream stream = Root.EchoStream(Root.Open([1])!);
        var readOnly = new MemoryStream([1], writable: false);

        var copied = Assert.Throws<NotSupportedException>(() => Root.Copy(new MemoryStream([2]), readOnly));

        Assert.That(copied, Is.Not.Null);
        Assert.That(stream.CanWrite, Is.True);
    }

    [Test]
    public void Stream_that_is_sent_home_is_itself()
    {
        var own = new MemoryStream();
        using Stream theirs = Root.Open([1])!;

        Assert.That(Root.EchoStream(own), Is.SameAs(own));
        Assert.That(Root.EchoStream(theirs), Is.SameAs(theirs));
        Assert.That(Root.Open(null), Is.Null);
    }

    [Test]
    public void Disposing_the_stream_disposes_the_remote_one()
    {
        Stream stream = Root.Open([1])!;
        Stream remote = _server.Opened[^1];

        stream.Dispose();

        Assert.That(remote.CanRead, Is.False);
        Assert.That(stream.CanRead, Is.False);
        Assert.That(() => stream.ReadByte(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Pipe_that_is_returned_carries_bytes_both_ways()
    {
        IDuplexPipe pipe = Root.Shout();
        await pipe.Output.WriteAsync("hello"u8.ToArray());
        ReadResult read = await pipe.Input.ReadAtLeastAsync(5);
        string heard = Encoding.ASCII.GetString(read.Buffer);
        pipe.Input.AdvanceTo(read.Buffer.End);

        await pipe.Output.CompleteAsync();
        ReadResult end = await pipe.Input.ReadAsync();
        await pipe.Input.CompleteAsync();

        Assert.That(heard, Is.EqualTo("HELLO"));
        Assert.That((end.IsCompleted, end.Buffer.Length), Is.EqualTo((true, 0L)));
        Assert.That(Root.Events(), Does.Contain("nobody writes"));
    }

    [Test]
    public async Task Pipe_that_is_passed_is_bounded_by_its_own_threshold()
    {
        var (ours, theirs) = PipePair.Create();
        Task shouting = Root.ShoutAsync(theirs);
        var letters = new byte[100_000];
        letters.AsSpan().Fill((byte)'a');

        // Nobody reads yet, so writing stops at the thresholds on the way.
        Task writing = ours.Output.WriteAsync(letters).AsTask();
        int heard = 0;
        while (heard < letters.Length)
        {
            ReadResult read = await ours.Input.ReadAsync();
            heard += (int)read.Buffer.Length;
            ours.Input.AdvanceTo(read.Buffer.End);
        }

        await writing;
        await ours.Output.CompleteAsync();
        await shouting.WaitAsync(s_patience);

        Assert.That(heard, Is.EqualTo(letters.Length));
    }

    [Test]
    public async Task Writer_learns_that_nobody_reads()
    {
        var (ours, theirs) = PipePair.Create();
        Task shouting = Root.ShoutAsync(theirs);
        await ours.Input.CompleteAsync();

        await ours.Output.WriteAsync("a"u8.ToArray());
        await shouting.WaitAsync(s_patience);

        Assert.That(Root.Events(), Does.Contain("nobody reads"));
    }
}
