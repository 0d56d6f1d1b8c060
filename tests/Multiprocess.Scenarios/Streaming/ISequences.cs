using System.Runtime.CompilerServices;

namespace Multiprocess.Scenarios.Streaming;

/// <summary>Sequences in both directions.</summary>
[IpcInterface]
public interface ISequences
{
    IAsyncEnumerable<int> Count(int upTo, int failAt = int.MaxValue);

    IAsyncEnumerable<(string Name, int? Length)> Lengths(IAsyncEnumerable<string?> names);

    IAsyncEnumerable<string> WaitForEver(string first, CancellationToken cancellationToken = default);

    Task<int> SumAsync(IAsyncEnumerable<int> numbers, int atMost = int.MaxValue);

    /// <summary>How many items of <see cref="Count"/> were asked for.</summary>
    int Computed { get; }

    /// <summary>Waits until the enumeration of <see cref="Count"/> or <see cref="WaitForEver"/> is over at its source.</summary>
    Task<bool> EndedAsync();
}

public sealed class Sequences : ISequences
{
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

    public IAsyncEnumerable<string> WaitForEver(string first, CancellationToken cancellationToken) => WaitAsync(first, cancellationToken);

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

    public Task<bool> EndedAsync() => _ended.WaitAsync(TimeSpan.FromSeconds(20));

    private async IAsyncEnumerable<string> WaitAsync(string first, [EnumeratorCancellation] CancellationToken cancellationToken = default)
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
