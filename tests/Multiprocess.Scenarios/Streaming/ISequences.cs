using System.Runtime.CompilerServices;

namespace Multiprocess.Scenarios.Streaming;

/// <summary>Sequences in both directions.</summary>
[IpcInterface]
public interface ISequences
{
    IAsyncEnumerable<int> Count(int upTo, int failAt = int.MaxValue);

    IAsyncEnumerable<(string Name, int? Length)> Lengths(IAsyncEnumerable<string?> names);

    IAsyncEnumerable<string> WaitForEver(string first, CancellationToken cancellationToken = default);

    /// <summary>Items without end, whose source notes that its token was cancelled, also between two moves.</summary>
    IAsyncEnumerable<int> Tell(CancellationToken cancellationToken = default);

    IAsyncEnumerable<int>? TellPerhaps(CancellationToken cancellationToken);

    Task<IAsyncEnumerable<int>> TellLaterAsync(CancellationToken cancellationToken);

    ValueTask<IAsyncEnumerable<int>> TellLaterStillAsync(CancellationToken cancellationToken);

    Page TellInARecord(CancellationToken cancellationToken);

    (int Total, IAsyncEnumerable<int> Rows) TellInATuple(CancellationToken cancellationToken);

    void TellInAnOut(CancellationToken cancellationToken, out IAsyncEnumerable<int> rows);

    Task<Dictionary<string, IAsyncEnumerable<int>[]>> TellInAnArrayAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Items that a task computes, begun with the method's token, of which the sequence itself knows nothing.
    /// </summary>
    IAsyncEnumerable<int> Channel(CancellationToken cancellationToken);

    /// <summary>Something that is no sequence and has the method's token.</summary>
    IDisposable Job(CancellationToken cancellationToken);

    /// <summary>Waits until a source of these was told.</summary>
    Task<bool> ToldAsync();

    /// <summary>Asks for one item, and then for nothing until the token is cancelled.</summary>
    Task HoldAsync(IAsyncEnumerable<int> numbers, Action begun, CancellationToken cancellationToken);

    Task<int> SumAsync(IAsyncEnumerable<int> numbers, int atMost = int.MaxValue);

    /// <summary>How many items of <see cref="Count"/> were asked for.</summary>
    int Computed { get; }

    /// <summary>
    /// Waits until the enumeration of <see cref="Count"/> or <see cref="WaitForEver"/> is over at its source.
    /// </summary>
    Task<bool> EndedAsync();
}

/// <summary>A sequence inside a value.</summary>
public sealed record Page(int Total, IAsyncEnumerable<int> Rows);

public sealed class Sequences : ISequences
{
    private readonly SemaphoreSlim _told = new(0);
    private readonly SemaphoreSlim _ended = new(0);
    private int _computed;

    public int Computed => Volatile.Read(ref _computed);

    public async IAsyncEnumerable<int> Count(int upTo, int failAt)
    {
        try
        {
            for (int i = 0; i < upTo; i++)
            {
                Interlocked.Increment(ref _computed);
                if (i % 5 == 3)
                {
                    await Task.Yield();
                }

                yield return i != failAt ? i : throw new InvalidDataException($"no {i}");
            }
        }
        finally
        {
            _ended.Release();
        }
    }

    public async IAsyncEnumerable<(string Name, int? Length)> Lengths(IAsyncEnumerable<string?> names)
    {
        await foreach (string? name in names)
        {
            yield return (name ?? "none", name?.Length);
        }
    }

    public IAsyncEnumerable<string> WaitForEver(string first, CancellationToken cancellationToken)
        => WaitAsync(first, cancellationToken);

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

    public async IAsyncEnumerable<int> Tell([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => _told.Release());
        for (int i = 0; ; i++)
        {
            yield return i;
            await Task.Yield();
        }
    }

    public IAsyncEnumerable<int>? TellPerhaps(CancellationToken cancellationToken) => Tell(cancellationToken);

    public Task<IAsyncEnumerable<int>> TellLaterAsync(CancellationToken cancellationToken)
        => Task.FromResult(Tell(cancellationToken));

    public async ValueTask<IAsyncEnumerable<int>> TellLaterStillAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        return Tell(cancellationToken);
    }

    public Page TellInARecord(CancellationToken cancellationToken) => new(1, Tell(cancellationToken));

    public (int Total, IAsyncEnumerable<int> Rows) TellInATuple(CancellationToken cancellationToken)
        => (1, Tell(cancellationToken));

    public void TellInAnOut(CancellationToken cancellationToken, out IAsyncEnumerable<int> rows)
        => rows = Tell(cancellationToken);

    public async Task<Dictionary<string, IAsyncEnumerable<int>[]>> TellInAnArrayAsync(
        CancellationToken cancellationToken)
    {
        await Task.Yield();
        return new() { ["a"] = [Tell(cancellationToken)] };
    }

    public IAsyncEnumerable<int> Channel(CancellationToken cancellationToken)
    {
        var channel = System.Threading.Channels.Channel.CreateUnbounded<int>();
        channel.Writer.TryWrite(1);
        cancellationToken.Register(() => _told.Release());
        return channel.Reader.ReadAllAsync(CancellationToken.None);
    }

    public IDisposable Job(CancellationToken cancellationToken) => cancellationToken.Register(() => _told.Release());

    public Task<bool> ToldAsync() => _told.WaitAsync(TimeSpan.FromSeconds(20));

    public async Task HoldAsync(IAsyncEnumerable<int> numbers, Action begun, CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<int> items = numbers.GetAsyncEnumerator(cancellationToken);
        await items.MoveNextAsync();
        begun();
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    public Task<bool> EndedAsync() => _ended.WaitAsync(TimeSpan.FromSeconds(20));

    private async IAsyncEnumerable<string> WaitAsync(
        string first, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return first;
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            _ended.Release();
        }
    }
}
