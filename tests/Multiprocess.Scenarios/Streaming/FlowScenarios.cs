using System.IO.Pipelines;
using System.Text;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Streaming;

/// <summary>Streams and pipes: bytes, ends, flow control, disposal, identity.</summary>
public static class FlowScenarios
{
    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    public static async Task Streams_that_are_returned_are_read(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Flows();
        using var stream = root.Open(s_bytes);
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        notes.Add("same", copy.ToArray().AsSpan().SequenceEqual(s_bytes));
        await using var again = root.Open(s_bytes);
        copy = new MemoryStream();
        await again.CopyToAsync(copy);
        notes.Add("same later", copy.ToArray().AsSpan().SequenceEqual(s_bytes));
        notes.Add("abilities", (again.CanRead, again.CanWrite, again.CanSeek, again.Length, again.Position));
        notes.Add("none", root.OpenNone() is null);
    }

    public static void Streams_seek_and_are_cut(IWorkshop workshop, Notes notes)
    {
        using var stream = workshop.Flows().Open([1, 2, 3, 4]);
        stream.Position = 2;
        notes.Add("read", (stream.ReadByte(), stream.Position, stream.Seek(-1, SeekOrigin.End)));
        stream.SetLength(3);
        notes.Add("cut", (stream.ReadByte(), stream.Length));
        stream.Position = 0;
        stream.Write([9, 8]);
        stream.Position = 0;
        notes.Add("written", (stream.ReadByte(), stream.ReadByte(), stream.ReadByte()));
    }

    public static async Task Streams_that_are_passed_are_read_and_written(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Flows();
        var to = new MemoryStream();
        notes.Add("copied", root.Copy(new MemoryStream(s_bytes), to));
        notes.Add("same", to.ToArray().AsSpan().SequenceEqual(s_bytes));
        to = new MemoryStream();
        notes.Add("copied later", await root.CopyAsync(new MemoryStream(s_bytes), to));
        notes.Add("same later", to.ToArray().AsSpan().SequenceEqual(s_bytes));
    }

    public static void Streams_keep_their_identity_and_are_disposed(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Flows();
        var own = new MemoryStream();
        var theirs = root.Open([1]);
        notes.Add("itself", (ReferenceEquals(root.Echo(own), own), ReferenceEquals(root.Echo(theirs), theirs)));
        theirs.Dispose();
        notes.Add("disposed", theirs.CanRead);
        notes.Thrown("broken", () => root.OpenBroken().ReadExactly(new byte[1]));
    }

    public static async Task Pipes_carry_bytes_both_ways(IWorkshop workshop, Notes notes)
    {
        IDuplexPipe pipe = workshop.Flows().Shout();
        await pipe.Output.WriteAsync("hello"u8.ToArray());
        ReadResult read = await pipe.Input.ReadAtLeastAsync(5);
        notes.Add("heard", Encoding.ASCII.GetString(read.Buffer));
        pipe.Input.AdvanceTo(read.Buffer.End);
        await pipe.Output.CompleteAsync();
        ReadResult end = await pipe.Input.ReadAsync();
        notes.Add("end", (end.IsCompleted, end.Buffer.Length));
        await pipe.Input.CompleteAsync();
    }

    public static async Task Pipe_that_is_passed_holds_its_writer_back(IWorkshop workshop, Notes notes)
    {
        var (ours, theirs) = PipePair.Create();
        Task shouting = workshop.Flows().ShoutAsync(theirs);
        byte[] letters = [.. Enumerable.Repeat((byte)'a', 100_000)];
        Task writing = ours.Output.WriteAsync(letters).AsTask();
        notes.Add("held back", writing.IsCompleted);
        int heard = 0;
        while (heard < letters.Length)
        {
            ReadResult read = await ours.Input.ReadAsync();
            heard += (int)read.Buffer.Length;
            ours.Input.AdvanceTo(read.Buffer.End);
        }

        await writing;
        await ours.Output.CompleteAsync();
        await shouting.WaitAsync(TimeSpan.FromSeconds(30));
        notes.Add("heard", heard);
    }

    public static async Task What_a_writer_completes_with_reaches_the_reader(IWorkshop workshop, Notes notes)
    {
        var root = workshop.Flows();
        notes.Add("theirs", await PipePair.DrainAsync(root.Fail("")));
        var (ours, theirs) = PipePair.Create();
        var draining = root.DrainAsync(theirs);
        await ours.Output.CompleteAsync(new InvalidDataException("we broke off"));
        notes.Add("ours", await draining);
    }

    public static async Task What_the_far_end_of_a_pipe_completes_with_comes_back(IWorkshop workshop, Notes notes)
    {
        var (ours, theirs) = PipePair.Create();
        await workshop.Flows().BreakOffAsync(theirs, "gone");
        notes.Add("reader", await PipePair.DrainAsync(ours));
        await notes.ThrownAsync("writer", async () =>
        {
            // What the reader completed with is thrown at the writer, once it has come this far.
            for (int i = 0; i < 1000 && !(await ours.Output.WriteAsync(new byte[100])).IsCompleted; i++)
            {
                await Task.Yield();
            }
        });
    }
}
