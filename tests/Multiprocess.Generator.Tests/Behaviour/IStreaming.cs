using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>Sequences, streams and pipes, in both directions.</summary>
[IpcInterface]
public interface IStreaming
{
    IAsyncEnumerable<int> Count(int upTo);

    IAsyncEnumerable<Person?> People();

    IAsyncEnumerable<string> Wait();

    IAsyncEnumerable<byte[]> Blocks(int count, int size);

    Task<int> SumAsync(IAsyncEnumerable<int> numbers, int atMost = int.MaxValue);

    IAsyncEnumerable<int> Echo(IAsyncEnumerable<int> numbers);

    bool IsSame(IAsyncEnumerable<int> a, IAsyncEnumerable<int> b);

    Stream? Open(byte[]? content);

    long Copy(Stream from, Stream to);

    Task<long> CopyAsync(Stream from, Stream to);

    Stream EchoStream(Stream stream);

    IDuplexPipe Shout();

    Task ShoutAsync(IDuplexPipe pipe);

    string Events();
}

internal sealed class Streaming : IStreaming
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _events = [];

    public SemaphoreSlim Ended { get; } = new(0);

    public SemaphoreSlim Waiting { get; } = new(0);

    public int Computed { get; private set; }

    public List<Stream> Opened { get; } = [];

    public async IAsyncEnumerable<int> Count(int upTo)
    {
        try
        {
            for (int i = 0; i < upTo; i++)
            {
                Computed++;
                if (i % 7 == 3)
                {
                    await Task.Yield();
                }

                yield return i < 1000 ? i : throw new InvalidOperationException("a thousand");
            }
        }
        finally
        {
            Ended.Release();
        }
    }

    public async IAsyncEnumerable<Person?> People()
    {
        await Task.Yield();
        yield return new Person("Ada", 36);
        yield return null;
    }

    public IAsyncEnumerable<string> Wait() => WaitAsync();

    public async IAsyncEnumerable<byte[]> Blocks(int count, int size)
    {
        await Task.CompletedTask;
        for (int i = 0; i < count; i++)
        {
            yield return new byte[size];
        }
    }

    public async Task<int> SumAsync(IAsyncEnumerable<int> numbers, int atMost)
    {
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
            if (sum >= atMost)
            {
                break;
            }
        }

        return sum;
    }

    public IAsyncEnumerable<int> Echo(IAsyncEnumerable<int> numbers) => numbers;

    public bool IsSame(IAsyncEnumerable<int> a, IAsyncEnumerable<int> b) => ReferenceEquals(a, b);

    public Stream? Open(byte[]? content)
    {
        if (content is null)
        {
            return null;
        }

        var stream = new MemoryStream();
        stream.Write(content);
        stream.Position = 0;
        Opened.Add(stream);
        return stream;
    }

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

    public Stream EchoStream(Stream stream) => stream;

    public IDuplexPipe Shout()
    {
        var (ours, theirs) = PipePair.Create();
        _ = ShoutAsync(ours);
        return theirs;
    }

    public async Task ShoutAsync(IDuplexPipe pipe)
    {
        Exception? failure = null;
        try
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
                    _events.Enqueue(flushed.IsCompleted ? "nobody reads" : "nobody writes");
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            _events.Enqueue(exception.GetType().Name);
        }

        await pipe.Input.CompleteAsync(failure);
        await pipe.Output.CompleteAsync(failure);
        Ended.Release();
    }

    public string Events() => string.Join(",", _events);

    private async IAsyncEnumerable<string> WaitAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return "first";
            Waiting.Release();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Ended.Release();
        }
    }
}

/// <summary>Two ends of one connection in memory.</summary>
internal sealed class PipePair(PipeReader input, PipeWriter output) : IDuplexPipe
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
}
