using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Multiprocess.Scenarios.Streaming;

/// <summary>Streams and pipes in both directions.</summary>
[IpcInterface]
public interface IFlows
{
    Stream Open(byte[] content);

    Stream? OpenNone();

    long Copy(Stream from, Stream to);

    Task<long> CopyAsync(Stream from, Stream to);

    Stream Echo(Stream stream);

    Stream OpenBroken();

    IDuplexPipe Shout();

    Task ShoutAsync(IDuplexPipe pipe);

    IDuplexPipe Fail(string text);

    /// <summary>
    /// Reads what is sent until the writer completes; returns it, with what the writer completed with.
    /// </summary>
    Task<string> DrainAsync(IDuplexPipe pipe);

    /// <summary>Completes the writer with an exception.</summary>
    Task BreakOffAsync(IDuplexPipe pipe, string reason);
}

public sealed class Flows : IFlows
{
    public Stream Open(byte[] content)
    {
        var stream = new MemoryStream();
        stream.Write(content);
        stream.Position = 0;
        return stream;
    }

    public Stream? OpenNone() => null;

    public long Copy(Stream from, Stream to)
    {
        from.CopyTo(to);
        to.Flush();
        return to.Position;
    }

    public async Task<long> CopyAsync(Stream from, Stream to)
    {
        await from.CopyToAsync(to);
        await to.FlushAsync();
        return to.Length;
    }

    public Stream Echo(Stream stream) => stream;

    public Stream OpenBroken() => new BrokenStream();

    public IDuplexPipe Shout()
    {
        var (ours, theirs) = PipePair.Create();
        _ = ShoutAsync(ours);
        return theirs;
    }

    public async Task ShoutAsync(IDuplexPipe pipe)
    {
        while (true)
        {
            ReadResult read = await pipe.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                foreach (byte letter in segment.ToArray())
                {
                    pipe.Output.GetSpan(1)[0] = (byte)char.ToUpperInvariant((char)letter);
                    pipe.Output.Advance(1);
                }
            }

            pipe.Input.AdvanceTo(read.Buffer.End);
            FlushResult flushed = await pipe.Output.FlushAsync();
            if (read.IsCompleted || flushed.IsCompleted)
            {
                break;
            }
        }

        await pipe.Input.CompleteAsync();
        await pipe.Output.CompleteAsync();
    }

    public IDuplexPipe Fail(string text)
    {
        var (ours, theirs) = PipePair.Create();
        ours.Output.Write(Encoding.ASCII.GetBytes(text));
        ours.Output.Complete(new InvalidDataException("the writer broke off"));
        ours.Input.Complete();
        return theirs;
    }

    public Task<string> DrainAsync(IDuplexPipe pipe) => PipePair.DrainAsync(pipe);

    public async Task BreakOffAsync(IDuplexPipe pipe, string reason)
    {
        await pipe.Output.CompleteAsync(new InvalidDataException(reason));
        await pipe.Input.CompleteAsync(new InvalidOperationException(reason + " for reading"));
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("The disk is broken.");

        public override int Read(Span<byte> buffer) => throw new IOException("The disk is broken.");
    }
}

/// <summary>Two ends of one connection in memory.</summary>
public sealed class PipePair(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input { get; } = input;

    public PipeWriter Output { get; } = output;

    public static (PipePair A, PipePair B) Create()
    {
        var options = new PipeOptions(
            useSynchronizationContext: false, pauseWriterThreshold: 4096, resumeWriterThreshold: 2048);
        var forth = new Pipe(options);
        var back = new Pipe(options);
        return (new PipePair(forth.Reader, back.Writer), new PipePair(back.Reader, forth.Writer));
    }

    /// <summary>Reads a pipe to its end, and says how it ended.</summary>
    public static async Task<string> DrainAsync(IDuplexPipe pipe)
    {
        var heard = new StringBuilder();
        string end = "complete";
        try
        {
            bool isOver = false;
            while (!isOver)
            {
                ReadResult read = await pipe.Input.ReadAsync();
                heard.Append(Encoding.ASCII.GetString(read.Buffer));
                pipe.Input.AdvanceTo(read.Buffer.End);
                isOver = read.IsCompleted;
            }
        }
        catch (Exception exception)
        {
            end = $"{exception.GetType().Name} '{exception.Message}'";
        }

        await pipe.Input.CompleteAsync();
        return $"{heard} {end}";
    }
}
